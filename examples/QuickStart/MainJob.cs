using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using QuickStart.Presentation;

namespace QuickStart;

/// <summary>From two tables, of articles and of purchases, to a saved recommender.</summary>
internal static class MainJob
{
    private static readonly string Carried = AppContext.BaseDirectory;

    public static void Run(string output, Screen screen, CancellationToken cancellation)
    {
        var mlContext = new MLContext(seed: 1);

        // Two tables: what the shop sells, and who bought what and when.
        var items = mlContext.Data.LoadFromTextFile(
            Path.Combine(Carried, "sample", "items.tsv"),
            [new("Item", DataKind.String, 0), new("Text", DataKind.String, 1)],
            hasHeader: true
        );
        var purchases = mlContext.Data.LoadFromTextFile(
            Path.Combine(Carried, "sample", "interactions.tsv"),
            [new("User", DataKind.String, 0), new("Item", DataKind.String, 1), new("Time", DataKind.DateTime, 2)],
            hasHeader: true
        );

        // One sequence a customer; the last purchase is kept from training, for the test.
        var sequences = mlContext.Data.GroupIntoSequences(purchases);
        var split = mlContext.Data.LeaveOneOutSplit(sequences);
        var shop = Shop.Read(mlContext, items, split.TrainSet, split.TestSet);
        screen.Introduce(shop);

        // A frozen encoder reads the articles' texts; SSNA learns from its layers what customers take next.
        var options = SampleModel.Options(mlContext, items, Path.Combine(Carried, "encoder"));
        options.CancellationToken = cancellation;
        using var model = screen.Train(progress =>
        {
            options.Progress = progress;
            return mlContext.Recommendation().Trainers.Ssna(options).Fit(split.TrainSet);
        });

        // How often is the last purchase among the ten best of the whole catalogue?
        var baselines = new Baselines(mlContext, shop);
        screen.Compare(
            baselines:
            [
                ("Most popular articles", Evaluate(baselines.MostPopular())),
                ("What mostly follows the last purchase", Evaluate(baselines.FollowersOfLast())),
            ],
            trained: ("SSNA, from order and texts", Evaluate(model.Transform(split.TestSet))),
            ceiling: ("The rule that made the sample: the best", Evaluate(baselines.OwnRule()))
        );
        ItemRankingMetrics Evaluate(IDataView scored) =>
            mlContext.Recommendation().EvaluateRanking(scored, cancellationToken: cancellation);

        // No half-written model takes the place of a good one, and nothing damaged is loaded.
        Directory.CreateDirectory(output);
        var path = Path.Combine(output, "model.zip");
        model.Save(path);
        using var loaded = SsnaTransformer.Load(mlContext, path);

        // For a service without this library: examples/OnnxServing answers from it.
        var exported = Path.Combine(output, "model.onnx");
        model.ExportOnnx(exported);

        // What to show to a customer: here to the first three, hit or miss.
        foreach (var customer in shop.TestCustomers.Take(3))
        {
            var recommended = loaded.Recommend(customer.Sequence, k: 5);
            screen.Recommend(shop, customer, [.. recommended.Select(scored => scored.Item)]);
        }

        // An article that nobody has bought yet is recommended for its text alone.
        var novelty = new ShopItem("A9000", "Fennimore rose support, bamboo. Gardening, supports.");
        using var extended = loaded.WithItems(mlContext.Data.LoadFromEnumerable([novelty]), cancellation);
        screen.IntroduceNew(
            new Shop([.. shop.Items, novelty], shop.TrainCustomers, shop.TestCustomers),
            novelty,
            Fans.Find(mlContext, extended, sequences, novelty.Item)
        );

        var curve = Path.Combine(output, "training.png");
        TrainingCurve.Save(curve, screen.Epochs);
        screen.Written(path, exported, curve);
    }
}
