using System.Text.Json;
using static TorchSharp.torch;

namespace Ssna.MLNet.Checkpoints;

/// <summary>
/// The weights of a model folder as the Hugging Face hub lays it out: <c>model.safetensors</c>, or shards named by
/// <c>model.safetensors.index.json</c>.
/// </summary>
internal sealed class CheckpointFolder : ITensorSource
{
    public const string SingleFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    private readonly Dictionary<string, SafetensorsFile> _fileOf;
    private readonly SafetensorsFile[] _files;

    private CheckpointFolder(
        string source,
        string? index,
        Dictionary<string, SafetensorsFile> fileOf,
        SafetensorsFile[] files
    )
    {
        Source = source;
        _fileOf = fileOf;
        _files = files;
        IEnumerable<string> weights = files.Select(file => file.Source);
        Files = [.. index is null ? weights : weights.Prepend(index)];
    }

    /// <inheritdoc/>
    public string Source { get; }

    /// <summary>The paths of all files that make up the checkpoint: what a content hash has to cover.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _fileOf.Keys;

    /// <summary>Opens and checks all files of a checkpoint.</summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="FileNotFoundException">Neither form is there, or a shard is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or index and shards disagree.</exception>
    public static CheckpointFolder Open(string folder)
    {
        string single = Path.Combine(folder, SingleFile);
        string index = Path.Combine(folder, IndexFile);
        if (File.Exists(single))
        {
            SafetensorsFile file = SafetensorsFile.Open(single);
            return new CheckpointFolder(folder, null, file.Names.ToDictionary(name => name, _ => file), [file]);
        }
        if (File.Exists(index))
        {
            return OpenShards(folder, index);
        }
        throw new FileNotFoundException(
            $"Model folder '{folder}' holds neither '{SingleFile}' nor '{IndexFile}'. Weights in other formats "
                + "(pytorch_model.bin and the like) are not read; the hub offers most models as safetensors.",
            single
        );
    }

    /// <summary>The files that an index names, each once.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or names what is no file beside it.</exception>
    public static IEnumerable<string> ShardsOf(string index) =>
        ReadIndex(index).Values.Distinct().Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool Contains(string name) => _fileOf.ContainsKey(name);

    /// <inheritdoc/>
    public IReadOnlyList<long> ShapeOf(string name) => FileOf(name).ShapeOf(name);

    /// <inheritdoc/>
    public string TypeOf(string name) => FileOf(name).TypeOf(name);

    /// <inheritdoc/>
    public Tensor ReadRaw(string name) => FileOf(name).ReadRaw(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
        {
            file.Dispose();
        }
    }

    private SafetensorsFile FileOf(string name) =>
        _fileOf.TryGetValue(name, out SafetensorsFile? file)
            ? file
            : throw new KeyNotFoundException($"'{Source}' has no tensor '{name}'.");

    private static CheckpointFolder OpenShards(string folder, string index)
    {
        Dictionary<string, string> shardOf = ReadIndex(index);
        var files = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (string shard in shardOf.Values.Distinct().Order(StringComparer.Ordinal))
            {
                string path = Path.Combine(folder, shard);
                if (!File.Exists(path))
                {
                    throw new FileNotFoundException($"'{index}' names shard '{shard}', which is missing.", path);
                }
                SafetensorsFile file = SafetensorsFile.Open(path);
                files.Add(shard, file);
                foreach (string tensor in file.Names)
                {
                    if (!shardOf.TryGetValue(tensor, out string? named) || named != shard)
                    {
                        throw new InvalidDataException(
                            $"'{path}' holds tensor '{tensor}', which '{index}' places in '{named ?? "no shard"}'."
                        );
                    }
                }
            }
            foreach ((string tensor, string shard) in shardOf)
            {
                if (!files[shard].Contains(tensor))
                {
                    throw new InvalidDataException(
                        $"'{index}' places tensor '{tensor}' in '{shard}', which does not hold it."
                    );
                }
            }
            return new CheckpointFolder(
                folder,
                index,
                shardOf.ToDictionary(pair => pair.Key, pair => files[pair.Value], StringComparer.Ordinal),
                [.. files.Values]
            );
        }
        catch
        {
            foreach (SafetensorsFile file in files.Values)
            {
                file.Dispose();
            }
            throw;
        }
    }

    private static Dictionary<string, string> ReadIndex(string index)
    {
        using JsonDocument json = JsonText.Parse(FolderFile.Read(index, FolderFile.SettingsLimit), $"'{index}'");
        if (
            json.RootElement.ValueKind != JsonValueKind.Object
            || !json.RootElement.TryGetProperty("weight_map", out JsonElement map)
            || map.ValueKind != JsonValueKind.Object
        )
        {
            throw new InvalidDataException(
                $"'{index}' is not an index of shards: expected an object 'weight_map' of tensor and file names, found none."
            );
        }
        var shardOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            string shard = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            // A shard lies beside its index: nothing outside the folder is ever opened.
            if (shard.Length == 0 || Path.GetFileName(shard) != shard)
            {
                throw new InvalidDataException(
                    $"'{index}' places tensor '{entry.Name}' in {entry.Value.GetRawText()} of its 'weight_map'; expected the name of a file beside it."
                );
            }
            shardOf.Add(entry.Name, shard);
        }
        return shardOf;
    }
}
