using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace ShardedShop.Models;

/// <summary>
/// The folder that all silos read: a folder of files for each version of the model, and which version is served. On several machines
/// it is a shared drive, or each silo fetches its files from wherever models are kept.
/// </summary>
/// <param name="folder">The folder.</param>
internal sealed class ModelStore(string folder)
{
    private string CurrentFile => Path.Combine(folder, "current.json");

    /// <summary>Which version is served; null before the first.</summary>
    public ModelVersion? Current
    {
        get =>
            File.Exists(CurrentFile) ? JsonSerializer.Deserialize<ModelVersion>(File.ReadAllText(CurrentFile)) : null;
        set
        {
            string next = CurrentFile + ".next";
            File.WriteAllText(next, JsonSerializer.Serialize(value));
            File.Move(next, CurrentFile, overwrite: true);
        }
    }

    /// <summary>
    /// Puts a model into the store in parts, which no silo then has to load whole, and beside them what computes users' embeddings:
    /// a part of one item, which is the model alone.
    /// </summary>
    /// <param name="model">The model; stays the caller's.</param>
    /// <param name="shards">How many parts.</param>
    public ModelVersion Add(SsnaTransformer model, int shards)
    {
        var version = new ModelVersion(NextName(), shards);
        // Under another name until it is whole.
        string writing = version.Name + ".next";
        Directory.CreateDirectory(Path.Combine(folder, writing));
        for (int index = 0; index < shards; index++)
        {
            using SsnaTransformer shard = model.Shard(index, shards);
            shard.Save(ShardFile(writing, index));
        }
        using (SsnaTransformer users = model.Shard(0, model.ItemCount))
        {
            users.Save(UsersFile(writing));
        }
        Directory.Move(Path.Combine(folder, writing), Path.Combine(folder, version.Name));
        return version;
    }

    /// <summary>A version that is there; null where it is not.</summary>
    /// <param name="number">Its name.</param>
    public ModelVersion? Find(int number)
    {
        string name = number.ToString(CultureInfo.InvariantCulture);
        string path = Path.Combine(folder, name);
        return Directory.Exists(path) ? new(name, Directory.GetFiles(path, "shard-*.zip").Length) : null;
    }

    /// <summary>One part of a version's catalogue; dispose of it.</summary>
    public SsnaTransformer LoadShard(string version, int index) =>
        SsnaTransformer.Load(new MLContext(), ShardFile(version, index));

    /// <summary>What computes users' embeddings; dispose of it.</summary>
    public SsnaTransformer LoadUsers(string version) => SsnaTransformer.Load(new MLContext(), UsersFile(version));

    private string ShardFile(string version, int index) => Path.Combine(folder, version, $"shard-{index}.zip");

    private string UsersFile(string version) => Path.Combine(folder, version, "users.zip");

    private string NextName()
    {
        Directory.CreateDirectory(folder);
        int last = Directory
            .GetDirectories(folder)
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int name) ? name : 0)
            .DefaultIfEmpty()
            .Max();
        return (last + 1).ToString(CultureInfo.InvariantCulture);
    }
}
