using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Data;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// The paper's headline on this machine: an epoch of LoRA, by some of its steps, against SSNA's, both with the paper's settings;
/// and the share of the matrix-product rate that LoRA reaches, so that it is no straw man.
/// </summary>
internal static class LoRARun
{
    private const int SsnaEpochs = 3;

    public static Command Command()
    {
        var data = new Option<string>("--data") { Required = true, Description = "Folder of a data set." };
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the encoder." };
        var cache = new Option<string?>("--cache") { Description = "Folder that keeps extracted layers." };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var steps = new Option<int>("--steps") { DefaultValueFactory = _ => 8, Description = "Steps of LoRA." };
        var precision = new Option<ComputePrecision>("--precision")
        {
            DefaultValueFactory = _ => ComputePrecision.Auto,
        };
        var command = new Command("lora", "An epoch of LoRA against one of SSNA.")
        {
            data,
            model,
            cache,
            json,
            steps,
            precision,
        };
        command.SetAction(arguments =>
        {
            var results = new Results("lora");
            Run(
                arguments.GetRequiredValue(data),
                arguments.GetRequiredValue(model),
                arguments.GetValue(cache),
                arguments.GetValue(steps),
                arguments.GetValue(precision),
                results
            );
            results.Write(arguments.GetValue(json));
        });
        return command;
    }

    private static void Run(
        string dataFolder,
        string encoder,
        string? cache,
        int steps,
        ComputePrecision asked,
        Results results
    )
    {
        TorchRuntime.EnsureLoaded();
        ComputePrecision precision = Hardware.ChoosePrecision(asked, torch.CPU);
        var mlContext = new MLContext(1);
        var data = new BenchmarkData(mlContext, dataFolder);
        using IChannel channel = ((IHostEnvironment)mlContext).Start("Benchmark");

        var ssna = SsnaTrainer.Options.Paper;
        ssna.MaximumEpochs = SsnaEpochs;
        var lora = SsnaTrainer.Options.PaperFor(new ItemAdaptation.LoRA { Encoder = encoder });
        lora.MaximumEpochs = 1;
        lora.MaximumSteps = steps;
        ssna.Precision = lora.Precision = precision;
        using ItemTable features = data.Features(encoder, cache, ssna.LayerCount);
        using ItemTable texts = lora.Adaptation.InputsOf(lora).Read(mlContext, data.Items, "Item", () => { });
        IDataView sequences = data.TrainingSequences();

        // In turn, so that a change of the machine's speed meets both.
        double before = SsnaSeconds();
        double rate = MatrixRate.Measure(precision);
        SsnaTrainingProgress trained = Epochs(lora, texts)[0];
        rate = (rate + MatrixRate.Measure(precision)) / 2;
        double after = SsnaSeconds();

        double epoch = trained.TrainingTime.TotalSeconds * trained.StepsPerEpoch / trained.Steps;
        double packed = (before + after) / 2;
        results.AddRun(
            $"LoRA, an epoch by {trained.Steps} of {trained.StepsPerEpoch} steps, {precision}",
            epoch,
            OperationsOfAnEpoch(lora, encoder, texts, channel, sequences),
            rate
        );
        results.Add("SSNA, paper preset, an epoch", packed, "s");
        results.Add("SSNA is faster by", epoch / packed, "times");
        results.Add("peak memory", Machine.PeakMegabytes, "MB");

        double SsnaSeconds() =>
            Epochs(ssna, features).Select(each => each.TrainingTime.TotalSeconds).Order().ElementAt(SsnaEpochs / 2);

        IReadOnlyList<SsnaTrainingProgress> Epochs(SsnaTrainer.Options options, ItemTable items)
        {
            TrainingSequences read = TrainingSequences.Read(channel, sequences, options, items.Ids, () => { });
            var nothing = new ValidationCases(new SequenceSet([], [0]), []);
            SsnaTrainingResult result = SsnaTraining.Run(
                options,
                items.Values,
                read.Training,
                nothing,
                torch.CPU,
                seed: 1
            );
            result.Model.Dispose();
            return result.Epochs;
        }
    }

    private static double OperationsOfAnEpoch(
        SsnaTrainer.Options options,
        string encoder,
        ItemTable texts,
        IChannel channel,
        IDataView sequences
    )
    {
        EncoderConfiguration configuration = EncoderConfiguration.Load(encoder);
        TrainingSequences read = TrainingSequences.Read(channel, sequences, options, texts.Ids, () => { });
        int width = (int)texts.Values.shape[1];
        int[] tokens = MemoryMarshal.Cast<byte, int>(texts.Values.bytes).ToArray();
        int[] lengths =
        [
            .. Enumerable
                .Range(0, texts.Ids.Count)
                .Select(item =>
                    tokens.AsSpan(item * width, width).IndexOf(TextItemEncoder.NoToken) is var end and >= 0
                        ? end
                        : width
                ),
        ];
        var planner = new BatchPlanner(
            read.Training,
            texts.Ids.Count,
            new BatchPlanner.Settings(
                options.MaximumSequenceLength,
                options.BatchSize,
                options.TrainOnEarlierWindows,
                WholeCatalogue: false,
                FindSeen: false
            )
        );
        return planner
            .Deal(new Random(1))
            .Select(windows => planner.Build(windows, new Random(1)))
            .Sum(batch =>
                Operations.FrozenEncoderStep(configuration, batch.Items!.Select(item => lengths[item]))
                + Operations.SequenceStep(options, batch.Targets.Length, batch)
            );
    }
}
