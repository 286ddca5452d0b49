using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Training;
using static TorchSharp.torch;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>A model and the users that it serves: a saved one with those of a data folder, or random weights for any size.</summary>
internal sealed class ServedModel : IDisposable
{
    private ServedModel(SsnaTransformer transformer, HistoryRow[] users, IReadOnlyList<string> items)
    {
        (Transformer, Users, Items) = (transformer, users, items);
    }

    public SsnaTransformer Transformer { get; }

    /// <summary>The users' histories, and the item that follows each.</summary>
    public HistoryRow[] Users { get; }

    /// <summary>The ids of the catalogue.</summary>
    public IReadOnlyList<string> Items { get; }

    /// <summary>Histories as long as the model looks at, of random items.</summary>
    public string[][] LongHistories(int count, int length)
    {
        var random = new Random(1);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => Enumerable.Range(0, length).Select(_ => Items[random.Next(Items.Count)]).ToArray()),
        ];
    }

    public static ServedModel Load(MLContext mlContext, string zip, string dataFolder)
    {
        TorchRuntime.EnsureLoaded();
        var transformer = (SsnaTransformer)mlContext.Model.Load(zip, out _);
        IDataView interactions = new BenchmarkData(mlContext, dataFolder).Interactions;
        IDataView test = mlContext.Data.LeaveOneOutSplit(mlContext.Data.GroupIntoSequences(interactions)).TestSet;
        return new ServedModel(
            transformer,
            [.. mlContext.Data.CreateEnumerable<HistoryRow>(test, reuseRowObject: false)],
            [
                .. mlContext
                    .Data.CreateEnumerable<IdRow>(transformer.GetItemEmbeddings(), reuseRowObject: false)
                    .Select(row => row.Item),
            ]
        );
    }

    /// <summary>A model of the default shape with random weights.</summary>
    /// <param name="mlContext">Where it belongs.</param>
    /// <param name="items">The items of its catalogue.</param>
    /// <param name="users">The users, of 3 to 11 items each.</param>
    public static ServedModel Random(MLContext mlContext, int items, int users)
    {
        TorchRuntime.EnsureLoaded();
        const int width = 384; // of MiniLM's layers
        var adaptation = new ItemAdaptation.Ssna { FeatureScaling = FeatureScaling.None };
        var options = new SsnaTrainer.Options { Adaptation = adaptation };
        using Tensor one = zeros(1, adaptation.LayerCount, width, dtype: ScalarType.Float32); // (1, layers, D)
        SsnaModel model = TrainingSetup.CreateModel(
            options,
            HeldItems.Alone(one),
            new RunPlace(CPU, ComputePrecision.Float32)
        );
        using var generator = new Generator(1, CPU);
        var ids = (TextItemIds)ItemIds.Create(TextDataViewType.Instance);
        string[] names = [.. Enumerable.Range(0, items).Select(item => $"item{item}")];
        foreach (string name in names)
        {
            ids.FindOrAdd(name);
        }
        using Tensor embeddings = randn(items, options.Dimension, generator: generator); // (I, d)
        var transformer = new SsnaTransformer(
            mlContext,
            options.ForTransformer(new FeatureInputs("Layers", adaptation.LayerCount, width), start: null),
            ids,
            new Catalogue(new Shared<SsnaModel>(model), ItemVectors.Of(embeddings), new float[items]),
            itemPipeline: null,
            new SsnaTrainingSummary([], 0, 0, 0, 0, default)
        );
        var random = new Random(2);
        return new ServedModel(
            transformer,
            [
                .. Enumerable
                    .Range(0, users)
                    .Select(_ => new HistoryRow
                    {
                        Sequence = [.. Enumerable.Range(0, random.Next(3, 12)).Select(_ => names[random.Next(items)])],
                        Label = names[random.Next(items)],
                    }),
            ],
            names
        );
    }

    public void Dispose() => Transformer.Dispose();

    private sealed class IdRow
    {
        public string Item { get; set; } = "";
    }
}

/// <summary>What is known of a user, and what came next.</summary>
internal sealed class HistoryRow
{
    public string[] Sequence { get; set; } = [];

    public string Label { get; set; } = "";
}

/// <summary>What is asked for.</summary>
internal sealed class RecommendationRow
{
    public string[] RecommendedItems { get; set; } = [];

    public float[] RecommendedScores { get; set; } = [];
}
