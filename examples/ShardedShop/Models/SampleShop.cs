using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using QuickStart;

namespace ShardedShop.Models;

/// <summary>The model of the sample shop that the program carries: seconds of training.</summary>
internal static class SampleShop
{
    /// <summary>Trains it and saves it, whole or not at all.</summary>
    /// <param name="path">The .zip.</param>
    /// <param name="cancellation">Stops the training.</param>
    public static void Train(string path, CancellationToken cancellation)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView items = mlContext.Data.LoadFromTextFile(
            Carried("sample", "items.tsv"),
            [new("Item", DataKind.String, 0), new("Text", DataKind.String, 1)],
            hasHeader: true
        );
        IDataView interactions = mlContext.Data.LoadFromTextFile(
            Carried("sample", "interactions.tsv"),
            [new("User", DataKind.String, 0), new("Item", DataKind.String, 1), new("Time", DataKind.DateTime, 2)],
            hasHeader: true
        );
        SsnaTrainer.Options options = SampleModel.Options(mlContext, items, Carried("encoder"));
        options.CancellationToken = cancellation;
        using SsnaTransformer model = mlContext
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(mlContext.Data.GroupIntoSequences(interactions));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        model.Save(path);
    }

    private static string Carried(params string[] path) => Path.Combine([AppContext.BaseDirectory, .. path]);
}
