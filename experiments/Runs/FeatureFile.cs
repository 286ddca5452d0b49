using System.Globalization;
using DataFolders;
using Microsoft.ML;
using Microsoft.ML.Transforms;

namespace Experiments.Runs;

/// <summary>
/// The items with the layers that a frozen encoder computed of them, in ML.NET's binary format: computed once for all runs, none
/// of which then has the encoder in its memory.
/// </summary>
internal static class FeatureFile
{
    public const string Column = "Layers";

    /// <summary>Extracts, in the process that asks.</summary>
    public static void Write(FeaturesRequest request, CancellationToken cancellation)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView items = new DataFolder(mlContext, request.Data).Items;
        var progress = new ExtractionProgress();
        using EncoderLayersTransformer encoder = mlContext
            .Transforms.Text.ExtractEncoderLayers(
                new EncoderLayersEstimator.Options
                {
                    OutputColumnName = Column,
                    InputColumnName = "Text",
                    Model = request.Model,
                    Layers = request.Layers,
                    Precision = request.Precision,
                    CacheFolder = request.Cache,
                    NumberOfThreads = request.Threads,
                    Progress = progress,
                    CancellationToken = cancellation,
                }
            )
            .Fit(items);
        Directory.CreateDirectory(Path.GetDirectoryName(request.Result)!);
        string partial = request.Result + ".partial";
        using (FileStream stream = File.Create(partial))
        {
            mlContext.Data.SaveAsBinary(encoder.Transform(items), stream);
        }
        File.Move(partial, request.Result, overwrite: true);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"extracted {encoder.Computed.Texts:N0} texts in {encoder.Computed.Elapsed.TotalSeconds:F1} s"
            )
        );
    }

    /// <summary>The items: Item, Text and Layers.</summary>
    public static IDataView Read(MLContext mlContext, string path) => mlContext.Data.LoadFromBinary(path);
}
