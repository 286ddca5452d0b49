using BenchmarkDotNet.Attributes;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Benchmarks.Parts;

/// <summary>The ten best of a user's scores: the selection of ours, and libtorch's.</summary>
public class SelectionBenchmark
{
    private readonly BestItems _best = new(10);
    private Tensor _scores = null!; // (1, I)
    private float[] _values = [];

    [Params(4_385, 1_000_000)]
    public int Items { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _scores = rand(1, Items);
        _values = _scores.data<float>().ToArray();
    }

    [GlobalCleanup]
    public void Cleanup() => _scores.Dispose();

    [Benchmark]
    public int Select()
    {
        _best.Clear(10);
        _best.Offer(_values, 0, new Listed([]));
        _best.Sort();
        return _best.Indexes[0];
    }

    [Benchmark(Baseline = true)]
    public long LibtorchTopK()
    {
        using var scope = NewDisposeScope();
        return _scores.topk(10).indexes[0, 0].item<long>();
    }
}
