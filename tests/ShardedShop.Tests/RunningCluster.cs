using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using ShardedShop.Models;
using ShardedShop.Silos;
using Ssna.MLNet.Testing;

namespace ShardedShop.Tests;

/// <summary>Silos in processes of their own, and in this one the model that they have in parts.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private const int Shards = 4;

    private static readonly Lazy<byte[]> s_model = new(Train);

    private readonly TemporaryFolder _folder;
    private readonly List<SiloProcess> _silos = [];

    private RunningCluster()
    {
        _folder = TrainedModel(out string path);
        Model = SsnaTransformer.Load(new MLContext(), path);
        Store = new ModelStore(_folder["store"]);
        Store.Current = Store.Add(Model, Shards);
    }

    /// <summary>The whole of what is served first, as version 1.</summary>
    public SsnaTransformer Model { get; }

    public ModelStore Store { get; }

    /// <summary>The first is the primary one.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>A file of a version.</summary>
    public string FileOf(ModelVersion version, string name) => _folder["store", version.Name, name];

    /// <summary>A folder with a copy of a model, which is trained once.</summary>
    /// <param name="path">The model's file.</param>
    public static TemporaryFolder TrainedModel(out string path)
    {
        var folder = new TemporaryFolder();
        path = folder["model.zip"];
        File.WriteAllBytes(path, s_model.Value);
        return folder;
    }

    public static async Task<RunningCluster> StartAsync(int silos)
    {
        var cluster = new RunningCluster();
        try
        {
            for (int i = 0; i < silos; i++)
            {
                await cluster.JoinAsync();
            }
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task<SiloProcess> JoinAsync()
    {
        using var longest = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        SiloProcess silo = await SiloProcess.StartAsync(
            _folder["store"],
            _silos.FirstOrDefault(),
            httpPort: null,
            threads: 1,
            longest.Token
        );
        _silos.Add(silo);
        return silo;
    }

    public ValueTask DisposeAsync()
    {
        _silos.ForEach(silo => silo.Dispose());
        Model.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static byte[] Train()
    {
        using var folder = new TemporaryFolder();
        SampleShop.Train(folder["model.zip"], CancellationToken.None);
        return File.ReadAllBytes(folder["model.zip"]);
    }
}
