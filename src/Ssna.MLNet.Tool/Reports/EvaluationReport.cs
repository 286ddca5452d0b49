using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Tools;

namespace Ssna.MLNet.Tool.Reports;

/// <summary>How well a model finds what users took last, beside recommending what is popular.</summary>
/// <param name="Users">The users that were asked about.</param>
/// <param name="UsersLeftOut">Users left out because the model does not have the item that they took last.</param>
/// <param name="Items">The items that each was ranked among.</param>
/// <param name="All">Figures over all items.</param>
/// <param name="Unseen">Figures without the items that the user had taken before, unless it is the one taken last.</param>
internal sealed record EvaluationReport(
    int Users,
    long UsersLeftOut,
    int Items,
    EvaluationReport.Protocol All,
    EvaluationReport.Protocol Unseen
)
{
    /// <summary>A figure, and how far off it may be because other users might have been asked.</summary>
    internal sealed record Figure(double Value, double StandardError);

    /// <summary>Figures of one recommender.</summary>
    internal sealed record Figures(
        [property: JsonPropertyName("recall@10")] Figure RecallAt10,
        [property: JsonPropertyName("ndcg@10")] Figure NdcgAt10,
        [property: JsonPropertyName("recall@50")] Figure RecallAt50,
        [property: JsonPropertyName("ndcg@50")] Figure NdcgAt50
    )
    {
        public static Figures Of(ItemRankingFigures figures) =>
            new(
                new(figures.Recall(10), figures.RecallStandardError(10)),
                new(figures.Ndcg(10), figures.NdcgStandardError(10)),
                new(figures.Recall(50), figures.RecallStandardError(50)),
                new(figures.Ndcg(50), figures.NdcgStandardError(50))
            );
    }

    /// <summary>How much a figure of the model is above that of popularity; 95 % bounds of a paired bootstrap.</summary>
    internal sealed record Difference(double Value, double StandardError, double LowerBound, double UpperBound)
    {
        public static Difference Of(ItemRankingDifference difference) =>
            new(difference.Value, difference.StandardError, difference.LowerBound, difference.UpperBound);
    }

    /// <summary>Figures of the model and of popularity.</summary>
    internal sealed record Protocol(
        Figures Model,
        Figures Popularity,
        [property: JsonPropertyName("recall@10_above_popularity")] Difference RecallAt10AbovePopularity
    );

    /// <summary>Asks a model what comes next.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="rows">Users with what they took, and as the label what they took last.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InvalidOperationException">The model was saved before counts of its training data were kept.</exception>
    public static EvaluationReport Run(
        MLContext mlContext,
        SsnaTransformer model,
        IDataView rows,
        CancellationToken cancellation
    )
    {
        IDataView scored = model.Transform(rows);
        var popularity = new Popularity(mlContext, [.. model.GetItemIds<string>()], TrainingCounts(scored.Schema));
        ItemRankingComparison comparison = mlContext
            .Recommendation()
            .CompareRanking(scored, popularity.Transform(rows), cutoffs: [10, 50], cancellationToken: cancellation);
        (ItemRankingMetrics metrics, ItemRankingMetrics baseline) = (comparison.Metrics, comparison.Baseline);
        return new(
            metrics.RowCount,
            metrics.UnknownLabelRows,
            metrics.CatalogueSize,
            new(Figures.Of(metrics.All), Figures.Of(baseline.All), Difference.Of(comparison.All.Recall(10))),
            new(
                Figures.Of(metrics.ExcludeSeen!),
                Figures.Of(baseline.ExcludeSeen!),
                Difference.Of(comparison.ExcludeSeen!.Recall(10))
            )
        );
    }

    private static long[] TrainingCounts(DataViewSchema scored)
    {
        const string name = "TrainingCounts";
        DataViewSchema.Annotations annotations = scored["Score"].Annotations;
        if (annotations.Schema.GetColumnOrNull(name) is null)
        {
            throw new InvalidOperationException(
                "The model does not say how often its items were taken, as one of an early version; train it again to evaluate it."
            );
        }
        VBuffer<long> counts = default;
        annotations.GetValue(name, ref counts);
        return [.. counts.DenseValues()];
    }
}
