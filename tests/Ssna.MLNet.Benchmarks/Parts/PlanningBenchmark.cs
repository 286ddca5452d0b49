using BenchmarkDotNet.Attributes;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Benchmarks.Parts;

/// <summary>The index lists of a batch of 2,048 targets, which another thread makes while a step computes.</summary>
public class PlanningBenchmark
{
    private const int Items = 100_000;

    private BatchPlanner _planner = null!;
    private int[] _windows = [];

    [Params(0, 8_192)]
    public int Negatives { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var sequences = new SequenceSetBuilder();
        foreach (UserRow user in GeneratedShop.Users(10_000, Items, 10))
        {
            sequences.Add(user.Sequence);
        }
        _planner = new BatchPlanner(
            sequences.ToSet(),
            Items,
            new BatchPlanner.Settings(
                Window: 50,
                BatchSize: 2048,
                EarlierWindows.Off,
                new BatchNeeds(Negatives: Negatives)
            )
        );
        _windows = _planner.Deal(new Random(1))[0];
    }

    [Benchmark]
    public int Build() => _planner.Build(_windows, new Random(1)).Cases.Targets.Length;
}
