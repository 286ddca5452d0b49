using BenchmarkDotNet.Attributes;
using Ssna.MLNet.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Benchmarks.Parts;

/// <summary>The dropout mask of a batch of features: hashed numbers, and libtorch's Bernoulli numbers.</summary>
public class DropoutMaskBenchmark
{
    private Tensor _like = null!; // (I, D)
    private ulong _key;

    [GlobalSetup]
    public void Setup() => _like = zeros(4_385, 384);

    [GlobalCleanup]
    public void Cleanup() => _like.Dispose();

    [Benchmark]
    public void Hashed()
    {
        using Tensor mask = HashedNumbers.Mask(_like.shape, CPU, _key++, 0.2, 1.25f);
    }

    [Benchmark(Baseline = true)]
    public void LibtorchBernoulli()
    {
        using Tensor mask = empty_like(_like);
        mask.bernoulli_(0.8).mul_(1.25f);
    }
}
