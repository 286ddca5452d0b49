using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Mpi;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// What training by ranks is to cost, by what one process and a ping-pong of two say, beside what two ranks take: to be started as
/// <c>mpirun -n 2</c>.
/// </summary>
internal static class RanksRun
{
    private const int Most = 64;
    private const int SmallBytes = 8;
    private const int LargeBytes = 1 << 26;

    public static Command Command() =>
        TrainingSetting.Command(
            "ranks",
            "Trains by two ranks, beside what a model of costs says. Start it as mpirun -n 2.",
            Run,
            "default",
            "paper"
        );

    private static void Run(TrainingSetting setting, Results results)
    {
        MpiCollective collective = MpiCollective.FromEnvironment(log: Console.Error.WriteLine);
        if (collective.Size != 2)
        {
            throw new InvalidOperationException(
                $"ranks: expected 2 ranks, as mpirun -n 2 starts, found {collective.Size}."
            );
        }
        if (collective.Rank != 0)
        {
            Console.SetOut(TextWriter.Null);
        }
        setting.Options.NumberOfThreads = 1;
        double small = PingPong(collective, SmallBytes, 2000);
        double latency = small / 2; // ranks meet before every call
        double bandwidth = LargeBytes / (PingPong(collective, LargeBytes, 10) - small);
        MpiStatistics before = collective.Statistics;
        SsnaTrainingProgress[] measured = Train(setting, new Ranks(collective), out double weightBytes);
        MpiStatistics after = collective.Statistics;
        // Cores of one machine share its memory and more: each rank by itself, but both at once.
        double atOnce = EpochOf(setting, 2);
        if (collective.Rank == 0)
        {
            double[] alone = [.. new[] { 1, 2, 8, Most }.Select(ranks => EpochOf(setting, ranks))];
            int steps = measured[^1].StepsPerEpoch;
            double shared = (alone[0] - alone[^1]) / (1 - (1.0 / Most)) / steps;
            var costs = new RankCosts(
                (alone[0] / steps) - shared,
                shared,
                EmbeddingBytes(setting),
                weightBytes,
                latency,
                bandwidth
            );
            double slowdown = atOnce / alone[1];
            Report(costs, slowdown, measured, alone, before, after, results);
        }
        collective.Broadcast([0], 0); // the other rank waits here, and leaves the machine to the first
    }

    private static void Report(
        RankCosts costs,
        double slowdown,
        SsnaTrainingProgress[] measured,
        double[] alone,
        MpiStatistics before,
        MpiStatistics after,
        Results results
    )
    {
        int steps = measured[^1].StepsPerEpoch;
        double epochs = measured.Length;
        results.Add("latency of a message", costs.Latency * 1e6, "us");
        results.Add("bandwidth", costs.Bandwidth / 1e9, "GB/s");
        results.Add("steps of an epoch", steps, "");
        results.Add("shared by ranks, a step", costs.Shared * 1e3, "ms");
        results.Add("not shared, a step", costs.Serial * 1e3, "ms");
        results.Add("embeddings of a step's items", costs.EmbeddingBytes / 1e6, "MB");
        results.Add("gradients of the weights", costs.WeightBytes / 1e6, "MB");
        results.Add("one process of one thread, epoch", alone[0], "s");
        results.Add("computed by one rank of 2, epoch", alone[1], "s");
        results.Add("computed by one rank of 2, by the model", steps * costs.Compute(2), "s");
        results.Add("the same while the other core does it too", alone[1] * slowdown, "s");
        results.Add("computed by one rank of 8, epoch", alone[2], "s");
        results.Add("computed by one rank of 8, by the model", steps * costs.Compute(8), "s");
        results.Add("exchanged in an epoch, by the model", steps * costs.BytesOfAStep / 1e6, "MB");
        results.Add("exchanged in an epoch by 2 ranks, measured", (after.Bytes - before.Bytes) / 1e6 / epochs, "MB");
        results.Add("numbers moved by 2 ranks, by the model", steps * costs.Exchange(2), "s");
        results.Add("numbers moved by 2 ranks, measured", (after.Moving - before.Moving).TotalSeconds / epochs, "s");
        results.Add("waiting of rank 0, measured", (after.Waiting - before.Waiting).TotalSeconds / epochs, "s");
        results.Add("epoch of 2 ranks, measured", Epoch(measured), "s");
        foreach (int ranks in (int[])[2, 8, Most])
        {
            Add($"epoch of {ranks} ranks, by the model", costs, ranks);
        }
        RankCosts besides = costs with { Serial = slowdown * costs.Serial, Shared = slowdown * costs.Shared };
        Add("epoch of 2 ranks, cores slowed down as found", besides, 2);
        // A cluster's networks, in place of this machine's memory.
        foreach ((string name, double latency, double bandwidth) in Networks)
        {
            foreach (int ranks in (int[])[8, Most])
            {
                Add($"epoch of {ranks} ranks, {name}", costs with { Latency = latency, Bandwidth = bandwidth }, ranks);
            }
        }

        void Add(string name, RankCosts of, int ranks)
        {
            results.Add(name, steps * of.Step(ranks), "s");
            double efficiency = of.Step(1) / of.Step(ranks) / ranks;
            results.Add("    of it exchange", 100 * of.Exchange(ranks) / of.Step(ranks), "%");
            results.Add("    efficiency", efficiency, "");
        }
    }

    private static (string Name, double Latency, double Bandwidth)[] Networks =>
        [("10 Gbit/s Ethernet", 30e-6, 1.1e9), ("100 Gbit/s InfiniBand", 2e-6, 11e9)];

    // Seconds of a call that brings bytes from one rank to the other.
    private static double PingPong(MpiCollective collective, int bytes, int times)
    {
        byte[] buffer = new byte[bytes];
        var seconds = new List<double>();
        for (int i = 0; i < times; i++)
        {
            long start = Stopwatch.GetTimestamp();
            collective.Broadcast(buffer, 0);
            collective.Broadcast(buffer, 1);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / 2);
        }
        return Median.Of(seconds);
    }

    private static double EpochOf(TrainingSetting setting, int ranks) =>
        Epoch(Train(setting, new Ranks(ranks == 1 ? null : new EchoCollective(ranks)), out _));

    private static double Epoch(SsnaTrainingProgress[] epochs) =>
        Median.Of(epochs.Select(epoch => epoch.TrainingTime.TotalSeconds));

    private static SsnaTrainingProgress[] Train(TrainingSetting setting, Ranks ranks, out double weightBytes)
    {
        using var _ = TensorState.Frozen();
        HeldItems all = setting.Items.Values;
        using torch.Tensor rows = all.Rows.index_select(0, torch.tensor(ranks.Held(all.Count)[ranks.Rank])); // (v, a, D)
        SsnaTrainingResult result = SsnaTraining.Run(
            setting.Options,
            new HeldItems(rows, all.Count, ranks, all.Hash),
            setting.Sequences.Training,
            new ValidationCases(new SequenceSet([], [0]), []),
            RunPlace.On(torch.CPU, setting.Options.Precision),
            RunContext.None
        );
        using SsnaModel model = result.Model;
        weightBytes = sizeof(float) * (double)model.Parameters.TrainedLength;
        return [.. result.Epochs];
    }

    // The mean of an epoch's batches.
    private static double EmbeddingBytes(TrainingSetting setting)
    {
        BatchPlanner planner = setting.Planner(setting.Options);
        return sizeof(float)
            * (double)setting.Options.Dimension
            * planner
                .Deal(new Random(1))
                .Average(windows => planner.Build(windows, new Random(1)).Items?.Length ?? setting.Items.Ids.Count);
    }
}
