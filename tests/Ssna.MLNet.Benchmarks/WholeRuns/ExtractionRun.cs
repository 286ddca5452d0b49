using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Features;
using Ssna.MLNet.Hub;
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
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
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
            json,
        };
        command.SetAction(arguments =>
        {
            var results = new Results("extraction");
            Run(
                arguments.GetRequiredValue(data),
                arguments.GetRequiredValue(model),
                arguments.GetValue(layers),
                arguments.GetValue(precision),
                results
            );
            results.Write(arguments.GetValue(json));
        });
        return command;
    }

    private static void Run(string dataFolder, string encoder, int layers, ComputePrecision asked, Results results)
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
        ModelFolder folder = new ModelHub().Find(encoder, HubFiles.Encoder, RunContext.None);
        using EncoderModel model = EncoderModel.Load(folder, torch.CPU, precision);
        var options = new EncoderLayersEstimator.Options { Model = encoder, Layers = layers };
        ExtractionSettings settings = ExtractionSettings.Create(options, model);
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
        results.AddRun($"extraction, {precision}", seconds, needed, (rate + rateAfter) / 2);
        results.Add("tokens", lengths.Sum(), "");
        results.Add("peak memory", Machine.PeakMegabytes, "MB");
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";
    }
}
