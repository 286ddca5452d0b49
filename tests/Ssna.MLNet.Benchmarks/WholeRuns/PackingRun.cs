using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// Packed training against the paper's form of the same work, with the same modules and settings: one row a prefix, padded to
/// the window, adapters at every position. The paper's form runs some steps of an epoch, for which the rest stands.
/// </summary>
internal static class PackingRun
{
    private const int ExpandedSteps = 6; // at most

    public static Command Command() =>
        TrainingSetting.Command("packing", "Packed prefixes against one padded row a prefix.", Run, "paper");

    private static void Run(TrainingSetting setting, Results results)
    {
        ComputePrecision precision = Hardware.ChoosePrecision(setting.Options.Precision, CPU);
        BatchPlanner planner = setting.Planner(setting.Options);
        using SsnaModel model = TrainingSetup.CreateModel(
            setting.Options,
            setting.Items.Values,
            new RunPlace(CPU, precision)
        );
        using Tensor items = model.Items.Prepare(setting.Items.Values.Rows);
        model.Parameters.RequireGradients();
        var noise = new TrainingNoise(seed: 1);
        using var adam = new FlatAdam(model.Parameters, setting.Options.LearningRate ?? StartingModel.RateOf(null));
        using BatchLoss loss = setting
            .Options.Loss.For(setting.Items.Ids.Count)
            .Start(new(planner.TargetCounts(), planner.CaseCount, setting.Options.BatchSize), CPU);
        var step = new TrainingStep(
            model,
            setting.Items.Values.With(items),
            loss,
            setting.Options.ItemDropout,
            new ForwardPass(precision, noise)
        );
        List<int[]> deal = planner.Deal(new Random(1));
        TrainingBatch[] packed = [.. deal.Select(windows => planner.Build(windows, new Random(1)))];

        // In turn, so that a change of the machine's speed meets both.
        double[] packedSeconds = new double[packed.Length];
        double[] expandedSeconds = new double[Math.Min(ExpandedSteps, packed.Length)];
        int every = packed.Length / expandedSeconds.Length;
        for (int i = 0; i < packed.Length; i++)
        {
            packedSeconds[i] = Time(packed[i]);
            if (i % every == 0 && i / every < expandedSeconds.Length)
            {
                expandedSeconds[i / every] = Time(
                    Expand(packed[i], setting.Options.SequenceModel.MaximumSequenceLength)
                );
            }
        }
        double expandedEpoch = Median.Of(expandedSeconds) * packed.Length;
        results.Add("packed, an epoch", packedSeconds.Sum(), "s");
        results.Add(
            $"one row a prefix, an epoch by {expandedSeconds.Length} of {packed.Length} steps",
            expandedEpoch,
            "s"
        );
        results.Add("packed is faster by", expandedEpoch / packedSeconds.Sum(), "times");

        double Time(TrainingBatch batch)
        {
            long start = Stopwatch.GetTimestamp();
            using Tensor loss = step.Accumulate(batch);
            adam.Step();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>The same cases as rows of their own, every position (padding too) an item of its own.</summary>
    private static TrainingBatch Expand(TrainingBatch packed, int window)
    {
        int cases = packed.Cases.Targets.Length;
        var items = new List<long>();
        var lengths = new int[cases];
        for (int row = 0; row < cases; row++)
        {
            long[] history =
            [
                .. Enumerable
                    .Range(0, row + 1)
                    .Where(i => packed.Cases.Users[i] == packed.Cases.Users[row])
                    .Select(i => packed.Items![packed.Inputs[packed.Slots[i]]]),
            ];
            lengths[row] = history.Length;
            items.AddRange(history);
            items.AddRange(Enumerable.Repeat(0L, window - history.Length));
        }
        items.AddRange(packed.Cases.Targets.Select(target => packed.Items![target]));
        SequencePacking packing = SequencePacking.Pack([.. Enumerable.Repeat(window, cases)]);
        return new TrainingBatch
        {
            Items = [.. items],
            Packing = packing,
            Inputs = packing.Place([.. Enumerable.Range(0, cases * window)], unused: 0),
            Slots = [.. packing.Starts.Zip(lengths, (start, length) => (long)start + length - 1)],
            Cases = new BatchCases
            {
                Targets = [.. Enumerable.Range(cases * window, cases).Select(row => (long)row)],
                Users = packed.Cases.Users,
                Candidates = 0,
                Negatives = [],
                Seen = null,
            },
        };
    }
}
