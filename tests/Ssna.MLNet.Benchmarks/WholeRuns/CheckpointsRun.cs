using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Training;
using TorchSharp;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>Trainings with a checkpoint behind every epoch beside the same without any, by turns in one process.</summary>
internal static class CheckpointsRun
{
    private const int Pairs = 6;

    public static Command Command() =>
        TrainingSetting.Command("checkpoints", "What a checkpoint every epoch costs.", Run, "default", "paper");

    private static void Run(TrainingSetting setting, Results results)
    {
        Seconds(setting, folder: null); // what a process does once
        var ratios = new List<double>();
        var without = new List<double>();
        long bytes = 0;
        for (int pair = 0; pair < Pairs; pair++)
        {
            double plain = double.NaN;
            double written = double.NaN;
            // Which goes first changes from pair to pair.
            for (int turn = 0; turn < 2; turn++)
            {
                if ((pair + turn) % 2 == 0)
                {
                    plain = Seconds(setting, folder: null);
                    continue;
                }
                using var folder = new TemporaryFolder();
                setting.Options.Progress = new LargestFolder(folder.Path, found => bytes = Math.Max(bytes, found));
                written = Seconds(setting, folder.Path);
                setting.Options.Progress = null;
            }
            without.Add(plain);
            ratios.Add(written / plain);
            Console.WriteLine(FormattableString.Invariant($"{plain:F2} s without, {written:F2} s with"));
        }
        results.Add("epoch without checkpoints", Median.Of(without) / setting.Options.MaximumEpochs, "s");
        results.Add("more with one every epoch, median of pairs", 100 * (Median.Of(ratios) - 1), "%");
        results.Add("files of checkpoints, at most two of them", bytes / 1e6, "MB");
    }

    // All of a training: looking for checkpoints, epochs and their validation, writing, and deleting at the end.
    private static double Seconds(TrainingSetting setting, string? folder)
    {
        SsnaTrainer.Options options = setting.Options;
        (options.CheckpointFolder, options.CheckpointEpochs) = (folder, 1);
        long start = Stopwatch.GetTimestamp();
        SsnaTrainingResult result = SsnaTraining.Run(
            options,
            setting.Items.Values,
            setting.Sequences.Training,
            setting.Sequences.Validation,
            new RunPlace(torch.CPU, Hardware.ChoosePrecision(options.Precision, torch.CPU)),
            RunContext.None
        );
        result.Model.Dispose();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed class LargestFolder(string folder, Action<long> report) : IProgress<SsnaTrainingProgress>
    {
        public void Report(SsnaTrainingProgress value) =>
            report(new DirectoryInfo(folder).GetFiles().Sum(file => file.Length));
    }
}
