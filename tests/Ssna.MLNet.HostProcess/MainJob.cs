using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Ssna.MLNet.HostProcess;

/// <summary>Extracts, trains in several ways, recommends, adds items, saves and loads, all under a state of torch.</summary>
internal static class MainJob
{
    private static readonly string[] s_words =
    [
        "red",
        "green",
        "blue",
        "large",
        "small",
        "round",
        "pan",
        "pot",
        "lid",
        "cup",
        "for",
        "with",
    ];

    public static int Run(string state, string encoder)
    {
        TorchRuntime.EnsureLoaded(); // where TorchSharp does not load by itself, the host's own use of it comes second
        var mlContext = new MLContext(1);
        using (Enter(state))
        {
            string before = Describe();
            string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
            try
            {
                WithFeatures(mlContext, encoder, file);
                OtherLosses(mlContext, encoder);
                TrainedEncoders(mlContext, encoder);
            }
            finally
            {
                File.Delete(file);
            }
            Console.WriteLine($"{(Describe() == before ? "state as before" : $"{before}, now {Describe()}")}");
        }
        return 0;
    }

    private static IDisposable? Enter(string state)
    {
        switch (state)
        {
            case "no_grad":
                return torch.no_grad();
            case "inference_mode":
                return torch.inference_mode();
            case "grad_off":
                return torch.set_grad_enabled(false);
            case "float64":
                torch.set_default_dtype(torch.ScalarType.Float64);
                return null;
            case "bfloat16":
                torch.set_default_dtype(torch.ScalarType.BFloat16);
                return null;
            case "plain":
                return null;
            default:
                throw new ArgumentException($"No state '{state}'.", nameof(state));
        }
    }

    private static string Describe() =>
        $"gradients {torch.is_grad_enabled()}, inference {torch.is_inference_mode_enabled()}, {torch.get_default_dtype()}";

    private static void WithFeatures(MLContext mlContext, string encoder, string file)
    {
        IDataView users = Users(mlContext);
        SsnaTrainer.Options options = Options(mlContext);
        options.ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Text", encoder, layers: 2);
        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(users);
        Show(mlContext, "trained", model, users);
        using SsnaTransformer larger = model.WithItems(
            mlContext.Data.LoadFromEnumerable([new Item { Id = "new", Text = "small blue cup" }])
        );
        Show(mlContext, "larger", larger, users);
        using SsnaTransformer smaller = larger.WithoutItems(["3", "4"]);
        using SsnaTransformer rounded = smaller.WithItemPrecision(ItemPrecision.Int8);
        Show(mlContext, "int8", rounded, users);
        using SsnaTransformer halves = smaller.WithItemPrecision(ItemPrecision.Float16);
        Show(mlContext, "float16", halves, users);
        mlContext.Model.Save(larger, users.Schema, file);
        using var loaded = (SsnaTransformer)mlContext.Model.Load(file, out _);
        Show(mlContext, "loaded", loaded, users);
        using SsnaTransformer again = loaded.WithItems(
            mlContext.Data.LoadFromEnumerable([new Item { Id = "newer", Text = "round red lid" }])
        );
        Show(mlContext, "loaded and larger", again, users);
    }

    private static void OtherLosses(MLContext mlContext, string encoder)
    {
        IDataView users = Users(mlContext);
        TrainingLoss[] losses =
        [
            new TrainingLoss.InBatch { MaskHistory = true, LogQCorrection = true },
            new TrainingLoss.SampledCatalogue { Negatives = 5 },
            new TrainingLoss.BinaryCrossEntropy { Negatives = 5 },
        ];
        foreach (TrainingLoss loss in losses)
        {
            SsnaTrainer.Options options = Options(mlContext);
            options.ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Text", encoder, layers: 2);
            options.Loss = loss;
            options.FeatureMemoryBudget = 0; // bfloat16 features
            options.Adaptation = new ItemAdaptation.Ssna { Integration = LayerIntegration.Weighted };
            using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(users);
            Show(mlContext, $"{loss}", model, users);
        }
    }

    private static void TrainedEncoders(MLContext mlContext, string encoder)
    {
        IDataView users = Users(mlContext);
        ItemAdaptation[] kinds =
        [
            new ItemAdaptation.AdaLoRA
            {
                Encoder = encoder,
                InitialRank = 4,
                TargetRank = 2,
            },
            new ItemAdaptation.FullFineTuning
            {
                Encoder = encoder,
                TopLayers = 1,
                ActivationCheckpointing = true,
            },
            new ItemAdaptation.ItemIds(),
        ];
        foreach (ItemAdaptation kind in kinds)
        {
            SsnaTrainer.Options options = Options(mlContext);
            options.Adaptation = kind;
            options.WeightAverageDecay = 0; // AdaLoRA changes its matrices between steps
            options.Loss = new TrainingLoss.InBatch();
            using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(users);
            Show(mlContext, kind.GetType().Name, model, users);
        }
    }

    private static void Show(MLContext mlContext, string name, SsnaTransformer model, IDataView users)
    {
        IDataView scored = model.Transform(users);
        float[] numbers =
        [
            .. scored.GetColumn<float[]>("Score").SelectMany(row => row),
            .. scored.GetColumn<float[]>("RecommendedScores").SelectMany(row => row),
            .. model.Recommend(["1", "2"], k: 4, allow: ["1", "5", "6", "7"]).Select(item => item.Score),
            .. model
                .RecommendMany<string>([
                    ["5"],
                    ["6", "7"],
                ])
                .SelectMany(list => list.Select(item => item.Score)),
            .. model.GetSimilarItems("1", k: 3).Select(item => item.Score),
            .. model.GetItemEmbeddings().GetColumn<float[]>("Embedding").SelectMany(row => row),
            .. model.GetUserEmbeddings(users).GetColumn<float[]>("Embedding").SelectMany(row => row),
            .. model.Training.Epochs.Select(epoch => (float)epoch.Loss),
        ];
        var metrics = mlContext.Recommendation().EvaluateRanking(scored);
        string hash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(numbers)));
        Console.WriteLine($"{name}: {numbers.Length} numbers {hash}, recall {metrics.All.Recall(10):R}");
    }

    internal static SsnaTrainer.Options Options(MLContext mlContext) =>
        new()
        {
            Items = mlContext.Data.LoadFromEnumerable(
                Enumerable
                    .Range(0, 40)
                    .Select(i => new Item { Id = $"{i}", Text = $"{s_words[i % 6]} {s_words[6 + (i % 5)]}" })
            ),
            Dimension = 16,
            SequenceModel = new SequenceModel.SASRec { InnerSize = 32, MaximumSequenceLength = 6 },
            BatchSize = 32,
            MaximumEpochs = 2,
            MaximumSteps = 6,
            NumberOfThreads = 1,
            Seed = 1,
        };

    internal static IDataView Users(MLContext mlContext) =>
        mlContext.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, 30)
                .Select(user => new User
                {
                    Sequence = [.. Enumerable.Range(0, 4 + (user % 4)).Select(i => $"{((user * 7) + i) % 40}")],
                    Label = $"{((user * 7) + 9) % 40}",
                })
        );

    internal sealed class Item
    {
        [ColumnName("Item")]
        public string Id { get; set; } = "";

        public string Text { get; set; } = "";
    }

    private sealed class User
    {
        public string[] Sequence { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
