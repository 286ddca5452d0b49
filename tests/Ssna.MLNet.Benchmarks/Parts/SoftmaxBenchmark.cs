using BenchmarkDotNet.Attributes;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Benchmarks.Parts;

/// <summary>The gradient of a block of logits: row by row in memory, and by libtorch's operations on whole blocks.</summary>
public class SoftmaxBenchmark
{
    private const long Candidates = 4_385;

    private Tensor _logits = null!; // (b, C')
    private Tensor _targets = null!; // (b)

    [Params(ScalarType.Float32, ScalarType.BFloat16)]
    public ScalarType Logits { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _logits = randn(256, AlignedRows.Width(Candidates)).to(Logits);
        _targets = randint(0, Candidates, [256], dtype: ScalarType.Int64);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _logits.Dispose();
        _targets.Dispose();
    }

    [Benchmark]
    public void ByRows() => Differentiate(SoftmaxGradient.InMemory);

    [Benchmark(Baseline = true)]
    public void ByTensors() => Differentiate(SoftmaxGradient.ByTensors);

    private void Differentiate(Func<LogitBlock, (Tensor Loss, Tensor Gradient)> way)
    {
        using var scope = NewDisposeScope();
        way(new(_logits.clone(), Candidates, _targets, Bias: null, Masked: null, Smoothing: 0.1f));
    }
}
