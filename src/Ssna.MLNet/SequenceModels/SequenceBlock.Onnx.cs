using Ssna.MLNet.Encoders;
using Ssna.MLNet.Onnx;

namespace Ssna.MLNet.SequenceModels;

internal sealed partial class SequenceBlock
{
    /// <summary>The block as operators of a graph, for some of the slots.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="x">The slots that it is wanted for: (B, Q, d).</param>
    /// <param name="all">All slots: (B, W, d).</param>
    /// <param name="mask">What is added to their attention scores: (B, 1, Q or 1, W).</param>
    /// <returns>(B, Q, d).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, OnnxValue all, OnnxValue mask)
    {
        OnnxValue context = graph.Attend(
            Project(x, "query", 0),
            Project(all, "key", 1),
            Project(all, "value", 2),
            _heads,
            _dimension,
            mask
        ); // (B, Q, d)
        x = _attentionNorm.ToOnnx(graph, graph.Add(_output.ToOnnx(graph, context), x)); // (B, Q, d)
        OnnxValue inner = graph.Activate(_inner.ToOnnx(graph, x), EncoderActivation.Gelu); // (B, Q, i)
        return _innerNorm.ToOnnx(graph, graph.Add(_outer.ToOnnx(graph, inner), x)); // (B, Q, d)

        OnnxValue Project(OnnxValue slots, string part, int index) =>
            graph.Linear(
                slots,
                $"{_name}.attention.{part}",
                _queryKeyValue.Weight.narrow(0, (long)index * _dimension, _dimension),
                _queryKeyValue.Bias.narrow(0, (long)index * _dimension, _dimension)
            );
    }
}
