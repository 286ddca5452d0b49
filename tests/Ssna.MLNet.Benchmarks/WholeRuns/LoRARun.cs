using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// The paper's headline on this machine: an epoch of LoRA, by some of its steps, against SSNA's, both with the paper's settings;
/// and the share of the matrix-product rate that LoRA reaches, so that it is no straw man.
/// </summary>
internal static class LoRARun
{
    private const int Steps = 8;

    public static Command Command() =>
        TrainingSetting.Command("lora", "An epoch of LoRA against one of SSNA.", Run, "paper");

    private static void Run(TrainingSetting setting, Results results)
    {
        ComputePrecision precision = Hardware.ChoosePrecision(setting.Options.Precision, torch.CPU);
        var lora = SsnaTrainer.Options.Paper(new ItemAdaptation.LoRA { Encoder = setting.Encoder });
        lora.MaximumEpochs = 1;
        lora.MaximumSteps = Steps;
        lora.Precision = precision;
        using ItemTable texts = lora
            .Adaptation.Inputs()
            .Read(new MLContext(1), setting.Data.Items, "Item", RunContext.None);

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
            OperationsOfAnEpoch(setting, lora, texts),
            rate
        );
        results.Add("SSNA, paper preset, an epoch", packed, "s");
        results.Add("SSNA is faster by", epoch / packed, "times");
        results.Add("peak memory", Machine.PeakMegabytes, "MB");

        double SsnaSeconds() =>
            Median.Of(Epochs(setting.Options, setting.Items).Select(each => each.TrainingTime.TotalSeconds));

        IReadOnlyList<SsnaTrainingProgress> Epochs(SsnaTrainer.Options options, ItemTable items)
        {
            SsnaTrainingResult result = SsnaTraining.Run(
                options,
                items.Values,
                setting.Sequences.Training,
                new ValidationCases(new SequenceSet([], [0]), []),
                RunPlace.On(torch.CPU, options.Precision),
                RunContext.None
            );
            result.Model.Dispose();
            return result.Epochs;
        }
    }

    private static double OperationsOfAnEpoch(TrainingSetting setting, SsnaTrainer.Options options, ItemTable texts)
    {
        EncoderConfiguration configuration = EncoderConfiguration.Load(setting.Encoder);
        int width = (int)texts.Values.Rows.shape[1];
        int[] tokens = MemoryMarshal.Cast<byte, int>(texts.Values.Rows.bytes).ToArray();
        int[] lengths = [.. tokens.Chunk(width).Select(row => row.Count(token => token != TextInputs.NoToken))];
        BatchPlanner planner = setting.Planner(options);
        return planner
            .Deal(new Random(1))
            .Select(windows => planner.Build(windows, new Random(1)))
            .Sum(batch =>
                Operations.FrozenEncoderStep(configuration, batch.Items!.Select(item => lengths[item]))
                + Operations.SequenceStep(options, batch.Cases.Targets.Length, batch)
            );
    }
}
