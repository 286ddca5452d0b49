using System.Security.Cryptography;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Hub;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>Low-rank matrices in the layout of Hugging Face's PEFT: a configuration and a safetensors file.</summary>
internal static class PeftFolder
{
    private const string WeightsFile = "adapter_model.safetensors";
    private const string Prefix = "base_model.model.";

    /// <summary>The files of such a folder, as the hub is asked for them.</summary>
    public static readonly HubFiles Files = new(
        "adapter",
        [PeftConfiguration.FileName],
        WeightsFile,
        Index: null,
        [
            [
                [PeftConfiguration.FileName],
            ],
        ]
    );

    /// <summary>Writes a folder that PEFT reads.</summary>
    /// <param name="folder">Made where it does not exist; its two files are replaced.</param>
    /// <param name="encoder">What to write of.</param>
    /// <remarks>
    /// AdaLoRA's matrices are written whole, with zeros where singular values were dropped: PEFT reads them so as well, and
    /// computes the same.
    /// </remarks>
    public static void Write(string folder, LowRankEncoder encoder)
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] matrices =
        [
            .. Matrices(encoder).Select(matrix => ($"{Prefix}{matrix.Name}", matrix.Value.detach())),
        ];
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        WholeFile.WriteTogether(
            folder,
            [
                (WeightsFile, file => SafetensorsWriter.Write(file, matrices, metadata)),
                (PeftConfiguration.FileName, file => file.Write(PeftConfiguration.Of(encoder))),
            ],
            obsolete: []
        );
    }

    /// <summary>SHA-256 over a folder's two files.</summary>
    /// <exception cref="IOException">One is missing, or cannot be read.</exception>
    public static byte[] HashOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in (string[])[PeftConfiguration.FileName, WeightsFile])
        {
            using FileStream stream = File.OpenRead(Path.Combine(folder, name));
            hash.AppendData(SHA256.HashData(stream));
        }
        return hash.GetHashAndReset();
    }

    /// <summary>Gives an encoder's deltas the values of a folder that PEFT wrote.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="encoder">An encoder of the same kind, targets, rank and alpha.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">The folder is damaged, or of another shape; the message says where.</exception>
    public static void Read(string folder, LowRankEncoder encoder)
    {
        PeftConfiguration configuration = PeftConfiguration.Load(folder);
        configuration.Check(folder, encoder is AdaLoRAEncoder, encoder.Shape.Rank, encoder.Shape.Alpha);
        configuration.Targets?.Check(Path.Combine(folder, PeftConfiguration.FileName), encoder);
        string path = Path.Combine(folder, WeightsFile);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"Adapter folder '{folder}' holds no '{WeightsFile}'; adapters in other formats are not read.",
                path
            );
        }
        using var _ = TensorState.Frozen();
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Dictionary<string, string> stored = ByCanonicalName(path, file.Names, name => name);
        Dictionary<string, bool[]> pattern = ByCanonicalName(
            Path.Combine(folder, PeftConfiguration.FileName),
            configuration.RankPattern.Keys,
            name => configuration.RankPattern[name]
        );
        foreach (LowRankDelta delta in encoder.Deltas)
        {
            bool[]? kept = null;
            if (delta.Values is { } values)
            {
                if (pattern.TryGetValue(values.Name, out kept) && kept.Length != encoder.Shape.Rank)
                {
                    throw new InvalidDataException(
                        $"'{Path.Combine(folder, PeftConfiguration.FileName)}': rank_pattern of '{values.Name}': expected "
                            + $"{encoder.Shape.Rank} values, one a rank, found {kept.Length}."
                    );
                }
                Copy(values, 0, kept);
            }
            Copy(delta.Down, 0, kept);
            Copy(delta.Up, 1, kept);
        }
        if (stored.Count > 0)
        {
            throw new InvalidDataException(
                $"'{path}': the tensor '{stored.Values.First()}' belongs to none of the target projections."
            );
        }

        void Copy(Parameter parameter, int rankDimension, bool[]? kept)
        {
            using var scope = NewDisposeScope();
            if (!stored.Remove(parameter.Name, out string? name))
            {
                throw new InvalidDataException($"'{path}': expected a tensor '{Prefix}{parameter.Name}', found none.");
            }
            Tensor target = parameter.Value;
            long[] shape = [.. parameter.Shape];
            long[] places = kept is null
                ? []
                : [.. Enumerable.Range(0, kept.Length).Where(i => kept[i]).Select(i => (long)i)];
            // A file may hold all singular values although a pattern says which are in use.
            bool partial = kept is not null && file.ShapeOf(name)[rankDimension] != shape[rankDimension];
            if (partial)
            {
                shape[rankDimension] = places.Length;
            }
            if (!file.ShapeOf(name).SequenceEqual(shape))
            {
                throw new InvalidDataException(
                    $"'{path}': expected the tensor '{name}' to be of shape [{string.Join(", ", shape)}], found "
                        + $"[{string.Join(", ", file.ShapeOf(name))}]."
                );
            }
            Tensor given = DeviceMemory.Upload(target.device, file.ReadFinite(name).to(ScalarType.Float32));
            if (partial)
            {
                target.zero_().index_copy_(rankDimension, DeviceMemory.Upload(target.device, places)[0], given);
            }
            else
            {
                target.copy_(given);
            }
        }
    }

    private static IEnumerable<Parameter> Matrices(LowRankEncoder encoder) =>
        encoder.Deltas.SelectMany(delta =>
            delta.Values is { } values ? new[] { delta.Down, delta.Up, values } : [delta.Down, delta.Up]
        );

    private static Dictionary<string, T> ByCanonicalName<T>(
        string path,
        IEnumerable<string> names,
        Func<string, T> value
    )
    {
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!found.TryAdd(Canonical(name), value(name)))
            {
                throw new InvalidDataException(
                    $"'{path}': expected '{Canonical(name)}' once, found '{name}' beside it."
                );
            }
        }
        return found;
    }

    /// <summary>A tensor's name without what PEFT, and the model's class, put before it.</summary>
    private static string Canonical(string name) =>
        CheckpointNames.Canonical(name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name);
}
