using System.CommandLine;
using System.Globalization;
using DataFolders;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Tools;

namespace Experiments.Extract;

/// <summary>Fills a cache of layers, in one process or as an array of jobs that each do a part.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var common = new CommandOptions();
        var training = new TrainingCommandOptions();
        training.Cache.Required = true;
        var parts = new PartOptions("the texts");
        var command = new Command(
            "extract",
            "Computes the layers of all texts, or of a part of them, into a cache folder."
        )
        {
            common.Data,
            common.Model,
            training.Cache,
            training.Threads,
            training.Layers,
        };
        parts.AddTo(command);
        command.SetAction(
            (arguments, cancellation) =>
                CommandErrors.Guard(async () =>
                {
                    string model = await ModelOption.FolderAsync(
                        arguments.GetRequiredValue(common.Model),
                        cancellation
                    );
                    var mlContext = new MLContext();
                    var data = new DataFolder(mlContext, arguments.GetRequiredValue(common.Data));
                    using EncoderLayersTransformer extractor = mlContext
                        .Transforms.Text.ExtractEncoderLayers(
                            new EncoderLayersEstimator.Options
                            {
                                OutputColumnName = "Layers",
                                InputColumnName = "Text",
                                Model = model,
                                Layers = arguments.GetValue(training.Layers) ?? new ItemAdaptation.Ssna().LayerCount,
                                CacheFolder = arguments.GetRequiredValue(training.Cache),
                                NumberOfThreads = arguments.GetValue(training.Threads),
                                Progress = new ExtractionProgress(),
                                CancellationToken = cancellation,
                            }
                        )
                        .Fit(data.Items);
                    (int own, int all) = parts.Of(arguments);
                    await Task.Run(() => extractor.FillCache(data.Items, own, all), cancellation);
                    Console.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"part {own} of {all}: {extractor.Computed.Texts:N0} texts computed, {extractor.Computed.Tokens:N0} "
                                + $"tokens in {extractor.Computed.Elapsed.TotalSeconds:F1} s"
                        )
                    );
                })
        );
        return command;
    }
}
