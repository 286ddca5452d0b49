using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Data;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>Epochs of training on a data folder: seconds, and the share of the machine's matrix-product rate reached.</summary>
internal static class TrainingRun
{
    public static Command Command()
    {
        var data = new Option<string>("--data") { Required = true, Description = "Folder of a data set." };
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the encoder." };
        var cache = new Option<string?>("--cache") { Description = "Folder that keeps extracted layers." };
        var preset = new Option<string>("--preset") { DefaultValueFactory = _ => "default" };
        preset.AcceptOnlyFromAmong("default", "paper");
        var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 3 };
        var precision = new Option<ComputePrecision>("--precision")
        {
            DefaultValueFactory = _ => ComputePrecision.Auto,
        };
        var command = new Command("training", "Packed training, epoch by epoch.")
        {
            data,
            model,
            cache,
            preset,
            epochs,
            precision,
        };
        command.SetAction(arguments =>
        {
            SsnaTrainer.Options options =
                arguments.GetValue(preset) == "paper" ? SsnaTrainer.Options.Paper : new SsnaTrainer.Options();
            options.MaximumEpochs = arguments.GetValue(epochs);
            options.Precision = arguments.GetValue(precision);
            Run(
                options,
                arguments.GetRequiredValue(data),
                arguments.GetRequiredValue(model),
                arguments.GetValue(cache)
            );
        });
        return command;
    }

    private static void Run(SsnaTrainer.Options options, string dataFolder, string encoder, string? cache)
    {
        TorchRuntime.EnsureLoaded();
        var mlContext = new MLContext(1);
        var data = new BenchmarkData(mlContext, dataFolder);
        using ItemTable items = data.Features(encoder, cache, options.LayerCount);
        using IChannel channel = ((IHostEnvironment)mlContext).Start("Benchmark");
        TrainingSequences sequences = TrainingSequences.Read(
            channel,
            data.TrainingSequences(),
            options,
            items.Ids,
            () => { }
        );
        ComputePrecision precision = Hardware.ChoosePrecision(options.Precision, torch.CPU);
        double rate = MatrixRate.Measure(precision);
        double needed = OfAnEpoch(options, items, sequences);
        SsnaTrainingResult result = SsnaTraining.Run(
            options,
            items.Values,
            sequences.Training,
            sequences.Validation,
            torch.CPU,
            seed: 1
        );
        using var trained = result.Model;
        double rateAfter = MatrixRate.Measure(precision);
        double[] seconds = [.. result.Epochs.Select(epoch => epoch.TrainingTime.TotalSeconds).Order()];
        double median = seconds[seconds.Length / 2];
        double reached = needed / median;
        double machine = (rate + rateAfter) / 2;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{precision}, {torch.get_num_threads()} threads: {median:F2} s an epoch (fastest {seconds[0]:F2}), "
                    + $"validation {result.Epochs[^1].ValidationTime.TotalSeconds:F2} s, {needed / 1e12:F3} TFLOP needed, "
                    + $"{reached / 1e9:F0} GFLOP/s of {machine / 1e9:F0} ({rate / 1e9:F0}, {rateAfter / 1e9:F0}): "
                    + $"{reached / machine:P1}; recall {result.Epochs[^1].ValidationRecallAt10:F4} loss {result.Epochs[^1].Loss:F4}"
            )
        );
    }

    private static double OfAnEpoch(SsnaTrainer.Options options, ItemTable items, TrainingSequences sequences)
    {
        bool whole = options.Loss == SsnaLoss.FullCatalogue;
        var planner = new BatchPlanner(
            sequences.Training,
            items.Ids.Count,
            new BatchPlanner.Settings(
                options.MaximumSequenceLength,
                options.BatchSize,
                options.TrainOnEarlierWindows,
                whole,
                FindSeen: false
            )
        );
        return planner
            .Deal(new Random(1))
            .Select(planner.Build)
            .Sum(batch =>
                Operations.TrainingStep(
                    options,
                    items.Values.shape[2],
                    batch.Items?.Length ?? items.Ids.Count,
                    whole ? items.Ids.Count : batch.Targets.Length,
                    batch
                )
            );
    }
}
