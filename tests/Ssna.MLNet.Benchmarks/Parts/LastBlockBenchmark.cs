using BenchmarkDotNet.Attributes;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Benchmarks.Parts;

/// <summary>256 users of eight items each through the sequence model: all positions, and the last ones alone.</summary>
public class LastBlockBenchmark
{
    private const int Users = 256;
    private const int Length = 8;

    private readonly SequencePacking _packing = SequencePacking.Pack([.. Enumerable.Repeat(Length, Users)]);
    private SsnaModel _model = null!;
    private Tensor _items = null!; // (R * W, d)

    [GlobalSetup]
    public void Setup()
    {
        var options = new SsnaTrainer.Options { Adaptation = new ItemAdaptation.ItemIds() };
        using Tensor one = zeros(1, ScalarType.Int64); // (1)
        _model = TrainingSetup.CreateModel(options, HeldItems.Alone(one), new RunPlace(CPU, ComputePrecision.Float32));
        using var generator = new Generator(1, CPU);
        _items = randn(_packing.Rows * _packing.Width, options.Dimension, generator: generator);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _items.Dispose();
        _model.Dispose();
    }

    [Benchmark]
    public void LastOnly() => Run(_model.Sequence.ForwardLast);

    [Benchmark(Baseline = true)]
    public void AllItems() => Run((items, last, pass) => _model.Sequence.Forward(items, last.Packing, pass));

    private void Run(Func<Tensor, LastItems, ForwardPass, Tensor> encode)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        encode(_items, LastItems.Upload(_packing, new int[Users * Length], CPU, out Tensor _), ForwardPass.Exact);
    }
}
