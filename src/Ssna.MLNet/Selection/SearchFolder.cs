using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Selection;

/// <summary>
/// Where a search keeps what it has found: what search it is in search.json, each trial in a JSON file that is named by the
/// key of its point, and the best trial's model in a zip of the same name. While a search is running it holds search.lock open,
/// in whichever process; the operating system lets go of it when the process ends, however that comes.
/// </summary>
internal sealed class SearchFolder : IDisposable
{
    private const string IdentityFile = "search.json";
    private const string LockFile = "search.lock";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, string> _identity;
    private readonly FolderLock _lock;

    private SearchFolder(string folder, IReadOnlyDictionary<string, string> identity, FolderLock held) =>
        (_folder, _identity, _lock) = (folder, identity, held);

    /// <summary>Opens a search's folder, or makes one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="identity">What tells this search from others.</param>
    /// <exception cref="InvalidOperationException">
    /// It is another search's folder, or no search's, or a search is running in it.
    /// </exception>
    public static SearchFolder Open(string folder, IReadOnlyDictionary<string, string> identity)
    {
        string path = Path.Combine(Directory.CreateDirectory(folder).FullName, IdentityFile);
        Check(folder, path, identity); // another search is named by what differs, running or not
        var held = FolderLock.Take(Path.Combine(folder, LockFile), "Folder", "search");
        try
        {
            Check(folder, path, identity); // somebody may have been faster
            if (!File.Exists(path))
            {
                WholeFile.Write(path, stream => JsonSerializer.Serialize(stream, identity, s_json));
            }
            // What searches left that were killed while they wrote: nobody else writes here now.
            WholeFile.DeletePartials(folder);
            return new SearchFolder(folder, identity, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static void Check(string folder, string path, IReadOnlyDictionary<string, string> identity)
    {
        if (!File.Exists(path))
        {
            // Nothing but a lock, and what a write leaves behind that was broken off.
            string? other = Directory
                .EnumerateFileSystemEntries(folder)
                .Select(entry => Path.GetFileName(entry))
                .FirstOrDefault(name =>
                    name != LockFile && !name.EndsWith(WholeFile.PartialExtension, StringComparison.Ordinal)
                );
            // Unless the search that has the folder came this far at this moment.
            if (other is null || File.Exists(path))
            {
                return;
            }
            throw new InvalidOperationException(
                $"Option Folder, '{folder}': expected an empty folder or one of this search, found '{other}' and no "
                    + $"{IdentityFile}."
            );
        }
        var found = Read<Dictionary<string, string>>(path);
        if (OptionsIdentity.Difference(found, identity) is { } difference)
        {
            throw new InvalidOperationException(
                $"Option Folder, '{folder}': expected trials of this search, found those of another: {difference}. Give each "
                    + "search a folder of its own."
            );
        }
    }

    /// <summary>The trials of the folder.</summary>
    /// <exception cref="InvalidDataException">
    /// A file is damaged or was changed, or the best trial's model is missing.
    /// </exception>
    public TrialRanking ReadTrials()
    {
        var ranking = new TrialRanking();
        foreach (string path in Directory.EnumerateFiles(_folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(path) == IdentityFile)
            {
                continue;
            }
            SavedTrial saved = Read<SavedTrial>(path);
            if (saved.Version != SavedTrial.PresentVersion)
            {
                throw new InvalidDataException(
                    $"'{path}': expected a trial of version {SavedTrial.PresentVersion}, found version {saved.Version}: it was "
                        + "written by another version of this library. Give this search a folder of its own."
                );
            }
            if (!saved.IsOf(_identity, s_json))
            {
                throw new InvalidDataException(
                    $"'{path}': expected a trial of this search as it was written, found one that was changed since, or comes "
                        + "from another folder. Delete it to have the trial run again."
                );
            }
            SsnaSearchTrial trial = saved.Trial();
            string key = SearchPoint.KeyOf(trial.Point);
            if (key != Path.GetFileNameWithoutExtension(path))
            {
                throw new InvalidDataException($"'{path}': expected the trial of that key, found that of {key}.");
            }
            ranking.Add(key, trial);
        }
        if (ranking.BestKey is { } best && !File.Exists(ModelPath(best)))
        {
            throw new InvalidDataException(
                $"'{ModelPath(best)}': expected the model of the best trial, found no file. Delete '{TrialPath(best)}' to "
                    + "train it again."
            );
        }
        return ranking;
    }

    public void Save(string key, SsnaSearchTrial trial) =>
        WholeFile.Write(
            TrialPath(key),
            stream => JsonSerializer.Serialize(stream, SavedTrial.Of(trial, _identity, s_json), s_json)
        );

    /// <summary>Lets other searches have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>The path of the best trial's model.</summary>
    public string ModelPath(string key) => Path.Combine(_folder, $"{key}.zip");

    private string TrialPath(string key) => Path.Combine(_folder, $"{key}.json");

    private static T Read<T>(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, s_json)
                ?? throw new InvalidDataException($"'{path}' is damaged: expected an object, found null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is damaged: {e.Message}", e);
        }
    }
}
