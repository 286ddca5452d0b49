using BenchmarkDotNet.Attributes;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Benchmarks.Parts;

/// <summary>The scores of 100,000 items, whose embeddings are kept in one of the precisions.</summary>
public class ProductBenchmark
{
    private const int Items = 100_000;
    private const int Width = 256;

    private ItemVectors _items = null!;
    private Tensor _users = null!; // (B, d)

    [Params(1, 256)]
    public int Users { get; set; }

    [Params(ItemPrecision.Float32, ItemPrecision.Float16, ItemPrecision.Int8)]
    public ItemPrecision Precision { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        using Tensor embeddings = randn(Items, Width); // (I, d)
        _items = ItemVectors.Of(embeddings, Precision);
        _users = randn(Users, Width);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _items.Dispose();
        _users.Dispose();
    }

    [Benchmark]
    public void Cosines() => _items.Cosines(_users, 0, Items).Dispose();
}
