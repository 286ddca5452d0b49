using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using QuickStart;

namespace VectorIndex;

/// <summary>The shop of QuickStart, and the model that it trains.</summary>
internal static class SampleShop
{
    private static readonly string s_carried = AppContext.BaseDirectory;

    public static Shop Train(MLContext mlContext, CancellationToken cancellation)
    {
        IDataView items = mlContext.Data.LoadFromTextFile(
            Path.Combine(s_carried, "sample", "items.tsv"),
            [new("Item", DataKind.String, 0), new("Text", DataKind.String, 1)],
            hasHeader: true
        );
        IDataView purchases = mlContext.Data.LoadFromTextFile(
            Path.Combine(s_carried, "sample", "interactions.tsv"),
            [new("User", DataKind.String, 0), new("Item", DataKind.String, 1), new("Time", DataKind.DateTime, 2)],
            hasHeader: true
        );
        var split = mlContext.Data.LeaveOneOutSplit(mlContext.Data.GroupIntoSequences(purchases));
        SsnaTrainer.Options options = SampleModel.Options(mlContext, items, Path.Combine(s_carried, "encoder"));
        options.CancellationToken = cancellation;
        SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(split.TrainSet);
        return new Shop(
            model,
            [
                .. mlContext.Data.CreateEnumerable<Customer>(
                    split.TestSet,
                    reuseRowObject: false,
                    ignoreMissingColumns: false
                ),
            ]
        );
    }
}
