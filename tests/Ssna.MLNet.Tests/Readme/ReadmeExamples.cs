using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Readme;

/// <summary>The code of README.md. Edit both together: <see cref="ReadmeTests"/> compares them.</summary>
internal static class ReadmeExamples
{
    public static void Run()
    {
        var mlContext = new MLContext(seed: 1);

        // Two tables: items (id, text) and interactions (user, item, time).
        IDataView items = mlContext.Data.LoadFromTextFile<Item>("items.tsv", hasHeader: true);
        IDataView interactions = mlContext.Data.LoadFromTextFile<Interaction>("interactions.tsv", hasHeader: true);

        // Each user's items, oldest first; the last one of each user is kept for the test.
        IDataView sequences = mlContext.Data.GroupIntoSequences(interactions);
        var split = mlContext.Data.LeaveOneOutSplit(sequences);

        // A frozen encoder reads every text once; SSNA learns on top of its two top layers.
        var options = new SsnaTrainer.Options
        {
            Items = items,
            ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers(
                "Layers",
                "Text",
                model: "encoder",
                layers: 2
            ),
            MaximumEpochs = 20,
        };
        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(split.TrainSet);

        // How often is the item that came next among the ten recommended?
        var metrics = mlContext.Recommendation().EvaluateRanking(model.Transform(split.TestSet));
        Console.WriteLine($"Recall@10 {metrics.All.Recall(10):F3}, NDCG@10 {metrics.All.Ndcg(10):F3}");

        // One .zip holds the encoder, the model and the catalogue.
        model.Save("shop.zip");
        using SsnaTransformer loaded = SsnaTransformer.Load(mlContext, "shop.zip");
        foreach (var (item, score) in loaded.Recommend(["A1000", "A1024"], k: 5))
        {
            Console.WriteLine($"{item} {score:F3}");
        }

        UseTheModel(mlContext, loaded, split.TestSet);
        UseOtherFeatures(mlContext, split.TrainSet);
        options.MaximumEpochs = 2;
        SearchForSettings(mlContext, options, split.TrainSet);
        TrainTheEncoder(mlContext, split.TrainSet);
        ReadAModelOfTheHub(mlContext, items);
        GoOn(mlContext, options, split.TrainSet);
    }

    private static void GoOn(MLContext mlContext, SsnaTrainer.Options options, IDataView trainSet)
    {
        // Go on from the last model, with the interactions and the items that there are now.
        using SsnaTransformer yesterday = SsnaTransformer.Load(mlContext, "shop.zip");
        options.StartFrom = yesterday;
        options.Patience = 3;
        using SsnaTransformer today = mlContext.Recommendation().Trainers.Ssna(options).Fit(trainSet);
        today.Save("shop.zip");

        Assert.AreEqual(1, today.Training.EarlierTrainings);
    }

    private static void UseTheModel(MLContext mlContext, SsnaTransformer model, IDataView rows)
    {
        // New items from their texts alone: the saved encoder reads them, nothing is trained again.
        var news = mlContext.Data.LoadFromEnumerable([
            new Item { Id = "N1", Text = "Vantor bike pump. Cycling, pumps." },
        ]);
        using SsnaTransformer larger = model.WithItems(news);
        var similar = larger.GetSimilarItems("N1", k: 3);

        // Only from a list, and never from another.
        var allowed = larger.Recommend(["A1003"], k: 3, allow: ["A1007", "A1013", "N1"], deny: ["A1013"]);

        // Columns are lazy: asking for recommendations never builds the catalogue-wide Score.
        foreach (var row in mlContext.Data.CreateEnumerable<Recommendation>(larger.Transform(rows), false).Take(3))
        {
            Console.WriteLine($"{row.User}: {string.Join(", ", row.RecommendedItems)}");
        }

        // One user at a time, as a web service asks.
        using var engine = mlContext.Model.CreatePredictionEngine<History, Recommendation>(
            larger,
            new PredictionEngineOptions { OwnsTransformer = false } // else disposing the engine would dispose the model
        );
        Recommendation next = engine.Predict(new History { Sequence = ["A1003", "A1025"] });

        Assert.HasCount(3, similar);
        Assert.HasCount(2, allowed);
        Assert.IsNotEmpty(next.RecommendedItems);
        engine.Dispose();
        Assert.HasCount(3, larger.Recommend(["A1003"], k: 3), "the model outlives the engine");
    }

    private static void UseOtherFeatures(MLContext mlContext, IDataView trainSet)
    {
        // The paper's settings, on features of your own: one vector an item, of any width and origin.
        SsnaTrainer.Options options = SsnaTrainer.Options.Paper(new ItemAdaptation.Ssna { LayerCount = 1 });
        options.Items = mlContext.Data.LoadFromTextFile<Item>("items.tsv", hasHeader: true);
        options.ItemPipeline = mlContext.Transforms.Text.ProduceHashedWordBags(
            "Layers",
            "Text",
            numberOfBits: 8,
            ngramLength: 1
        );
        options.MaximumEpochs = 1;
        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(trainSet);
    }

    private static void SearchForSettings(MLContext mlContext, SsnaTrainer.Options options, IDataView trainSet)
    {
        // Try every combination, or a random sample of them: the best by validation Recall@10 wins. Texts are read once for all.
        var search = new SsnaGridSearch.Options
        {
            Trainer = options,
            Axes =
            [
                SsnaSearchAxis.Of("LayerCount", [1, 2], (ItemAdaptation.Ssna o, int layers) => o.LayerCount = layers),
                SsnaSearchAxis.Of("LearningRate", [1e-3f, 3e-3f, 1e-2f], (o, rate) => o.LearningRate = rate),
            ],
            SampleSize = 3,
            Folder = "search", // a search that was interrupted goes on from here
        };
        using SsnaSearchResult found = mlContext.Recommendation().Trainers.SsnaGridSearch(search).Fit(trainSet);
        foreach (SsnaSearchTrial trial in found.Trials)
        {
            Console.WriteLine($"{string.Join(", ", trial.Point)}: {trial.ValidationRecallAt10:F3}");
        }
        SsnaTransformer best = found.BestModel;

        Assert.HasCount(3, found.Trials);
        Assert.IsGreaterThan(0, best.ItemCount);
    }

    private static void TrainTheEncoder(MLContext mlContext, IDataView trainSet)
    {
        // LoRA (or AdaLoRA, or FullFineTuning) with the paper's settings: in-batch loss, 8 batches of 32 targets a step.
        SsnaTrainer.Options options = SsnaTrainer.Options.Paper(
            new ItemAdaptation.LoRA
            {
                Encoder = "encoder",
                Rank = 8,
                TargetProjections = EncoderProjections.Query | EncoderProjections.Value,
            }
        );
        options.Items = mlContext.Data.LoadFromTextFile<Item>("items.tsv", hasHeader: true);
        options.MaximumSteps = 2;
        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(trainSet);
        model.SaveAdapter("adapter"); // PEFT's layout: adapter_config.json and adapter_model.safetensors
        model.SaveEncoder("merged"); // the hub's layout, which ExtractEncoderLayers reads too

        Assert.IsTrue(File.Exists("adapter/adapter_model.safetensors"));
        Assert.IsTrue(File.Exists("merged/vocab.txt"));
        Assert.IsTrue(File.Exists("merged/tokenizer.json"));
    }

    private static void ReadAModelOfTheHub(MLContext mlContext, IDataView items)
    {
        // A model of the hub, from a cache that travels with the application: nothing is asked of the network.
        var options = new EncoderLayersEstimator.Options
        {
            InputColumnName = "Text",
            Model = "sentence-transformers/all-MiniLM-L6-v2@main", // or a commit, which never changes
            Hub = new ModelHub { CacheFolder = "models", Offline = true },
        };
        using EncoderLayersTransformer encoder = mlContext.Transforms.Text.ExtractEncoderLayers(options).Fit(items);

        Assert.IsNotNull(encoder.GetOutputSchema(items.Schema).GetColumnOrNull("Layers"));
        using SsnaTransformer saved = SsnaTransformer.Load(mlContext, "shop.zip");
        OnnxExamples.Run(saved, encoder);
    }
}
