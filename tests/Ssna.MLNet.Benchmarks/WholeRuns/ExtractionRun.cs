using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Features;
using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>Extraction of all texts of a data folder: seconds, and the share of the machine's matrix-product rate reached.</summary>
internal static class ExtractionRun
{
    public static Command Command()
    {
        var data = new Option<string>("--data") { Required = true, Description = "Folder of a data set." };
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the encoder." };
        var layers = new Option<int>("--layers") { DefaultValueFactory = _ => 2 };
        var precision = new Option<ComputePrecision>("--precision")
        {
            DefaultValueFactory = _ => ComputePrecision.Auto,
        };
        var command = new Command("extraction", "Layers of all texts, nothing cached.")
        {
            data,
            model,
            layers,
            precision,
        };
        command.SetAction(arguments =>
            Run(
                arguments.GetRequiredValue(data),
                arguments.GetRequiredValue(model),
                arguments.GetValue(layers),
                arguments.GetValue(precision)
            )
        );
        return command;
    }

    private static void Run(string dataFolder, string encoder, int layers, ComputePrecision asked)
    {
        TorchRuntime.EnsureLoaded();
        var mlContext = new MLContext(1);
        var data = new BenchmarkData(mlContext, dataFolder);
        ComputePrecision precision = Hardware.ChoosePrecision(asked, torch.CPU);
        string[] texts =
        [
            .. mlContext
                .Data.CreateEnumerable<TextRow>(data.Items, reuseRowObject: false)
                .Select(row => row.Text)
                .Distinct(),
        ];
        using EncoderModel model = EncoderModel.Load(encoder, torch.CPU, precision);
        var options = new EncoderLayersEstimator.Options { Model = encoder, Layers = layers };
        ExtractionSettings settings = ExtractionSettings.Create(options, model.Encoder);
        int[] lengths = [.. texts.Select(text => model.Tokenizer.Encode(text, settings.MaximumTokens, out _).Length)];
        double needed = Operations.Extraction(model.Encoder.Configuration, lengths);
        double rate = MatrixRate.Measure(precision);
        var extractor = new LayerExtractor(model, settings, null, null, _ => { }, _ => { });
        long start = Stopwatch.GetTimestamp();
        foreach (string[] window in texts.Chunk(settings.LookAheadRows))
        {
            extractor.Extract(window, () => { });
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double rateAfter = MatrixRate.Measure(precision);
        double machine = (rate + rateAfter) / 2;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{precision}, {torch.get_num_threads()} threads: {seconds:F2} s for {lengths.Sum():N0} tokens, "
                    + $"{needed / 1e12:F3} TFLOP needed, {needed / seconds / 1e9:F0} GFLOP/s of {machine / 1e9:F0} "
                    + $"({rate / 1e9:F0}, {rateAfter / 1e9:F0}): {needed / seconds / machine:P1}"
            )
        );
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }
}
