using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.SequenceModels;

[TestClass]
public sealed class SASRecEncoderTests
{
    private const int Window = 10;
    private const int Dimension = 24;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void The_last_items_alone_are_what_they_are_among_all(int blocks)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(1, CPU);
        using var parameters = new ParameterBuffer();
        SequenceEncoder encoder = new SASRecEncoderShape(Window, blocks, 3, 16).Restore(parameters, Dimension);
        parameters.Allocate(CPU);
        parameters.Values.normal_(0, 0.5, generator); // biases too, which a new model starts at zero

        var random = new Random(2);
        int[][] cases =
        [
            [7],
            [1, 1, 1],
            [.. Enumerable.Range(0, 60).Select(_ => random.Next(1, Window + 1))],
        ];
        foreach (int[] lengths in cases)
        {
            SequencePacking packing = SequencePacking.Pack(lengths);
            Tensor items = randn(packing.Rows * packing.Width, Dimension, generator: generator); // (R * W, d)
            var ends = LastItems.Upload(packing, new int[lengths.Sum()], CPU, out Tensor _);
            Tensor all = encoder.Forward(items, ends.Packing, ForwardPass.Exact); // (R * W, d)
            Tensor last = encoder.ForwardLast(items, ends, ForwardPass.Exact); // (B, d)
            Tensor expected = all.index_select(0, tensor(packing.LastSlots())); // (B, d)
            CollectionAssert.AreEqual(expected.shape, last.shape);
            Assert.IsLessThan(2e-5f, (expected - last).abs().max().item<float>());
        }
    }
}
