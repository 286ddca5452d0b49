using Ssna.MLNet.Onnx;

namespace Ssna.MLNet.SequenceModels;

internal sealed partial class SASRecEncoder
{
    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue items, OnnxValue counts)
    {
        OnnxValue slots = graph.Counting(graph.SizeOf(items, 1)); // (W)
        // The oldest item, which has position 0, is in the last slot that is taken.
        OnnxValue older = graph.Subtract(graph.Subtract(counts, graph.Number(1L)), slots); // (B, W)
        OnnxValue positions = graph.Gather(
            graph.Weight(_positions.Name, _positions.Value),
            graph.Larger(older, graph.Number(0L))
        ); // (B, W, d)
        OnnxValue x = _inputNorm.ToOnnx(graph, graph.Add(items, positions)); // (B, W, d)

        OnnxValue empty = graph.Unsqueeze(graph.IsAtLeast(slots, counts), 1); // (B, 1, W)
        OnnxValue mask = graph.Hide(graph.Unsqueeze(empty, 1)); // (B, 1, 1, W)
        if (_blocks.Length > 1)
        {
            OnnxValue later = graph.IsLess(slots, graph.Unsqueeze(slots, 1)); // (W, W)
            OnnxValue causal = graph.Hide(graph.Unsqueeze(graph.Or(empty, later), 1)); // (B, 1, W, W)
            foreach (SequenceBlock block in _blocks.AsSpan(0, _blocks.Length - 1))
            {
                x = block.ToOnnx(graph, x, x, causal); // (B, W, d)
            }
        }
        return _blocks[^1].ToOnnx(graph, graph.Slice(x, 1, 0, 1), x, mask); // (B, 1, d)
    }
}
