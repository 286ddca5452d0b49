using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Tests.Readme;

/// <summary>The code of docs/recipes.md. Edit both together.</summary>
internal static class RecipeExamples
{
    /// <returns>What the log said.</returns>
    public static List<string> Run(MLContext mlContext)
    {
        IDataView events = mlContext.Data.LoadFromTextFile<Event>(
            "events.csv",
            separatorChar: ',',
            hasHeader: true,
            allowQuoting: true
        );
        IDataView products = mlContext.Data.LoadFromTextFile(
            "products.csv",
            [new("Item", DataKind.String, 0), new("Title", DataKind.String, 1), new("Genre", DataKind.String, 2)],
            separatorChar: ',',
            hasHeader: true,
            allowQuoting: true
        );
        var pipeline = mlContext
            .Transforms.Concatenate("Text", "Title", "Genre")
            .Append(mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Text", model: "encoder", layers: 2));

        var log = new List<string>();
        mlContext.Log += (_, e) => log.Add(e.Message);
        mlContext.Log += (_, e) => Console.WriteLine(e.Message);
        SequenceDataView sequences = mlContext.Data.GroupIntoSequences(events);
        SequenceGroupingSummary summary = sequences.Summary;
        Console.WriteLine($"{summary.Users} users, {summary.Lengths}, {summary.TiedLastItems} last items tied");

        var options = new SsnaTrainer.Options
        {
            Items = products,
            ItemPipeline = pipeline,
            MaximumEpochs = 1,
        };
        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(sequences);
        UseRows(mlContext, model, new History { Sequence = [.. model.GetItemIds<string>()] });
        Compare(mlContext, model, model, mlContext.Data.LeaveOneOutSplit(sequences).TestSet);

        using var recommender = new Recommender(model.WithoutItems(["A1000"]));
        string[] all = [.. model.GetItemIds<string>().Skip(3)];
        Assert.HasCount(2, recommender.Recommend(all, 5));
        recommender.Replace(model.WithoutItems<string>([]));
        Assert.HasCount(3, recommender.Recommend(all, 5));
        return log;
    }

    private static void Compare(
        MLContext mlContext,
        SsnaTransformer today,
        SsnaTransformer yesterday,
        IDataView testSet
    )
    {
        ItemRankingComparison found = mlContext
            .Recommendation()
            .CompareRanking(today.Transform(testSet), yesterday.Transform(testSet));
        ItemRankingDifference recall = found.All.Recall(10);
        Console.WriteLine($"Recall@10 {recall.Value:+0.000;-0.000} [{recall.LowerBound:F3}, {recall.UpperBound:F3}]");
        bool isBetter = recall.IsSignificant && recall.Value > 0;

        // Where does it come from? The same rows by kinds: new and repeated targets, lengths of histories, popularity of the item.
        foreach (ItemRankingGroup group in found.Metrics.ByPopularity ?? [])
        {
            double recallOfGroup = group.All.Recall(10);
            double standardError = group.All.RecallStandardError(10);
            Console.WriteLine($"{group.Name}: {group.RowCount} rows, {recallOfGroup:F3} ± {standardError:F3}");
        }
        var metrics = mlContext.Recommendation().EvaluateRanking(yesterday.Transform(testSet), today);
        Console.WriteLine($"diversity {metrics.ExcludeSeen!.IntraListDiversity(10):F3}");

        Assert.IsFalse(isBetter, "it is the same model");
        Assert.HasCount(4, found.Metrics.ByPopularity!);
    }

    private static void UseRows(MLContext mlContext, SsnaTransformer model, History history)
    {
        using var engine = mlContext.Model.CreatePredictionEngine<History, Recommendation>(
            model,
            new PredictionEngineOptions { OwnsTransformer = false }
        );
        string[] recommended = engine.Predict(history).RecommendedItems;
        var similar = model.Contains("A1000") ? model.GetSimilarItems("A1000", k: 3) : [];
        int items = model.GetItemIds<string>().Count;
        var dueOrNew = model.Recommend(["A1000", "A1001", "A1000"], k: 3, excludeHistory: false);

        Assert.IsEmpty(recommended);
        Assert.HasCount(3, dueOrNew);
        Assert.HasCount(3, similar);
        Assert.AreEqual(model.ItemCount, items);
    }
}

internal sealed class Event
{
    [LoadColumn(0)]
    public string User { get; set; } = "";

    [LoadColumn(1)]
    public string Item { get; set; } = "";

    [LoadColumn(2)]
    public long Time { get; set; }
}

internal sealed class Recommender(SsnaTransformer first) : IDisposable
{
    private SsnaTransformer _model = first;

    public IReadOnlyList<ScoredItem<string>> Recommend(IEnumerable<string> history, int k)
    {
        while (true)
        {
            SsnaTransformer model = Volatile.Read(ref _model);
            try
            {
                return model.Recommend(history, k);
            }
            catch (ObjectDisposedException) when (!ReferenceEquals(model, Volatile.Read(ref _model)))
            {
                // It was replaced between the two lines.
            }
        }
    }

    public void Replace(SsnaTransformer next) => Interlocked.Exchange(ref _model, next).Dispose();

    public void Dispose() => _model.Dispose();
}
