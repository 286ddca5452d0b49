using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Training;

/// <summary>
/// Where a training writes down how far it is, to go on from there in another process: the tensors of a checkpoint in one file,
/// and beside it, written after it, a JSON file with the values, the training's identity, and a hash of both. The last two are
/// kept; a file that lacks its partner, or does not fit its hash, counts as none.
/// </summary>
internal sealed class TrainingCheckpoints : IDisposable
{
    private const int Version = 2; // 1 did not say whether its training had ended
    private const int Kept = 2;
    private const string LockFile = "training.lock";
    private const string Prefix = "checkpoint-";
    private const string TensorExtension = ".safetensors";
    private const string ValueExtension = ".json";

    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, string> _identity;
    private readonly FolderLock _lock;
    private readonly TimeSpan _interval;
    private readonly int? _steps;
    private readonly int? _epochs;
    private long _writtenAt = Stopwatch.GetTimestamp();
    private long _writtenStep;
    private int _writtenEpoch = 1;

    private TrainingCheckpoints(TrainingOptions options, IReadOnlyDictionary<string, string> identity, FolderLock held)
    {
        (_folder, _identity, _lock) = (options.CheckpointFolder!, identity, held);
        _interval = options.CheckpointInterval;
        (_steps, _epochs) = (options.CheckpointSteps, options.CheckpointEpochs);
    }

    /// <summary>Opens the folder of a training, or makes one; null where the options name none.</summary>
    /// <param name="options">Name the folder, and say how often is written.</param>
    /// <param name="identity">What tells this training from others.</param>
    /// <exception cref="InvalidOperationException">A training is running in it.</exception>
    public static TrainingCheckpoints? Open(TrainingOptions options, Func<IReadOnlyDictionary<string, string>> identity)
    {
        if (options.CheckpointFolder is not { } folder)
        {
            return null;
        }
        string path = Path.Combine(Directory.CreateDirectory(folder).FullName, LockFile);
        var held = FolderLock.Take(path, nameof(options.CheckpointFolder), "training");
        try
        {
            // What trainings left that were killed while they wrote: nobody else writes here now.
            WholeFile.DeletePartials(folder, Prefix);
            return new TrainingCheckpoints(options, identity(), held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Whether a checkpoint is due, after a step or an epoch.</summary>
    /// <param name="position">Where the training is.</param>
    public bool IsDue(TrainingPosition position) =>
        (position.Steps - _writtenStep >= _steps)
        || (position.Epoch - _writtenEpoch >= _epochs)
        || Stopwatch.GetElapsedTime(_writtenAt) >= _interval;

    /// <summary>Writes a checkpoint, and deletes those before the last two; of a training that has ended, all others.</summary>
    /// <param name="position">Where the training is.</param>
    /// <param name="ended">Whether it has ended.</param>
    /// <param name="visit">Visits what is to be written.</param>
    /// <exception cref="IOException">It cannot be written; those before it are there.</exception>
    public void Write(TrainingPosition position, bool ended, Action<StateVisitor> visit)
    {
        var state = new StateCollector();
        visit(state);
        string name = Path.Combine(_folder, FormattableString.Invariant($"{Prefix}{position.Steps:D12}"));
        string hash = "";
        WholeFile.Write(name + TensorExtension, file => hash = SafetensorsWriter.WriteHashed(file, state.Tensors));
        var saved = new SavedCheckpoint(Version, ended, _identity, state.Values, hash, "");
        saved = saved with { Hash = saved.HashOfValues() };
        WholeFile.Write(name + ValueExtension, file => JsonSerializer.Serialize(file, saved, CheckpointJson.Options));
        foreach (string old in Names().Skip(ended ? 1 : Kept))
        {
            Delete(old);
        }
        Written(position);
    }

    /// <summary>Puts back the last checkpoint that is whole.</summary>
    /// <param name="position">Where the training is, which is put back too.</param>
    /// <param name="visit">Visits what is put back.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidOperationException">It is another training's; the message names what differs.</exception>
    /// <exception cref="InvalidDataException">It is whole, and not of this library's making.</exception>
    public bool Restore(TrainingPosition position, Action<StateVisitor> visit)
    {
        foreach (string name in Names())
        {
            if (Read(name) is not { } saved)
            {
                continue;
            }
            if (saved.Version != Version)
            {
                throw new InvalidDataException(
                    $"'{name}{ValueExtension}': expected a checkpoint of version {Version}, found version {saved.Version}: it was "
                        + "written by another version of this library. Give this training a folder of its own."
                );
            }
            if (OptionsIdentity.Difference(saved.Identity, _identity) is { } difference)
            {
                if (saved.Ended)
                {
                    Clear(); // it has given its model; what is not at an end is never deleted for another
                    return false;
                }
                throw new InvalidOperationException(
                    $"Option {nameof(TrainingOptions.CheckpointFolder)}, '{_folder}': expected checkpoints of this training, found "
                        + $"those of another: {difference}. Give each training a folder of its own, or delete the checkpoints."
                );
            }
            using SafetensorsFile tensors = SafetensorsFile.Open(name + TensorExtension);
            visit(new StateRestorer(tensors, saved.Values));
            Written(position);
            return true;
        }
        return false;
    }

    /// <summary>Deletes all checkpoints.</summary>
    public void Clear()
    {
        foreach (string name in Names())
        {
            Delete(name);
        }
    }

    /// <summary>Lets other trainings have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private void Written(TrainingPosition position) =>
        (_writtenAt, _writtenStep, _writtenEpoch) = (Stopwatch.GetTimestamp(), position.Steps, position.Epoch);

    // Latest first, without extension.
    private string[] Names() =>
        [
            .. Directory
                .GetFiles(_folder, $"{Prefix}*{ValueExtension}")
                .Concat(Directory.GetFiles(_folder, $"{Prefix}*{TensorExtension}"))
                .Select(path => Path.Combine(_folder, Path.GetFileNameWithoutExtension(path)))
                .Distinct()
                .OrderDescending(StringComparer.Ordinal),
        ];

    // The values first: tensors without them are no checkpoint.
    private static void Delete(string name)
    {
        File.Delete(name + ValueExtension);
        File.Delete(name + TensorExtension);
    }

    private static SavedCheckpoint? Read(string name)
    {
        if (!File.Exists(name + ValueExtension) || !File.Exists(name + TensorExtension))
        {
            return null;
        }
        SavedCheckpoint? saved;
        try
        {
            using FileStream values = File.OpenRead(name + ValueExtension);
            saved = JsonSerializer.Deserialize<SavedCheckpoint>(values, CheckpointJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
        if (saved is null || saved.Hash != saved.HashOfValues())
        {
            return null;
        }
        using FileStream tensors = File.OpenRead(name + TensorExtension);
        return Convert.ToHexStringLower(SHA256.HashData(tensors)) == saved.TensorHash ? saved : null;
    }

    /// <param name="Version">The version of this layout.</param>
    /// <param name="Ended">Whether the training has ended.</param>
    /// <param name="Identity">What tells the training from others.</param>
    /// <param name="Values">What it knows beside its tensors.</param>
    /// <param name="TensorHash">SHA-256 of the file of tensors.</param>
    /// <param name="Hash">SHA-256 of all this.</param>
    private sealed record SavedCheckpoint(
        int Version,
        bool Ended,
        IReadOnlyDictionary<string, string> Identity,
        JsonObject Values,
        string TensorHash,
        string Hash
    )
    {
        public string HashOfValues() =>
            Convert.ToHexStringLower(
                SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { Hash = "" }, CheckpointJson.Options))
            );
    }
}
