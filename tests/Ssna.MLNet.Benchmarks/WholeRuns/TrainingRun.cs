using System.CommandLine;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>Epochs of training on a data folder: seconds, and the share of the machine's matrix-product rate reached.</summary>
internal static class TrainingRun
{
    public static Command Command() =>
        TrainingSetting.Command("training", "Packed training, epoch by epoch.", Run, "default", "paper");

    private static void Run(TrainingSetting setting, Results results)
    {
        ComputePrecision precision = Hardware.ChoosePrecision(setting.Options.Precision, torch.CPU);
        double rate = MatrixRate.Measure(precision);
        SsnaTrainingResult result = SsnaTraining.Run(
            setting.Options,
            setting.Items.Values,
            setting.Sequences.Training,
            setting.Sequences.Validation,
            new RunPlace(torch.CPU, precision),
            RunContext.None
        );
        using SsnaModel trained = result.Model;
        rate = (rate + MatrixRate.Measure(precision)) / 2;
        double seconds = Median.Of(result.Epochs.Select(epoch => epoch.TrainingTime.TotalSeconds));
        results.AddRun($"epoch, {precision}", seconds, setting.OperationsOfAnEpoch(), rate);
        results.Add("validation", result.Epochs[^1].ValidationTime.TotalSeconds, "s");
        results.Add("validation Recall@10 of the last epoch", result.Epochs[^1].ValidationRecallAt10, "");
        results.Add("peak memory", Machine.PeakMegabytes, "MB");
    }
}
