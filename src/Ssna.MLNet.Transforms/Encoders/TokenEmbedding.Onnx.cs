using Ssna.MLNet.Onnx;
using static Ssna.MLNet.Onnx.TensorProto.Types;

namespace Ssna.MLNet.Encoders;

internal sealed partial class TokenEmbedding
{
    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue ids)
    {
        OnnxValue words = graph.Gather(graph.Weight("words", _words), ids); // (B, T, D)
        OnnxValue positions =
            configuration.FirstPosition == 0
                ? graph.Counting(graph.SizeOf(ids, 1)) // (T)
                : CountedPositions(graph, ids); // (B, T)
        OnnxValue sum = graph.Add(words, graph.Gather(graph.Weight("positions", _positions), positions)); // (B, T, D)
        if (_types is not null)
        {
            sum = graph.Add(sum, graph.Weight("type", _types.select(0, 0))); // (B, T, D)
        }
        return graph.Normalize(sum, "norm", _normWeight, _normBias, configuration.NormEpsilon); // (B, T, D)
    }

    private OnnxValue CountedPositions(OnnxGraph graph, OnnxValue ids)
    {
        OnnxValue padding = graph.Number((long)configuration.PadId);
        OnnxValue real = graph.Cast(graph.Not(graph.IsEqual(ids, padding)), DataType.Int64); // (B, T)
        return graph.Add(graph.Multiply(graph.RunningSum(real, 1), real), padding); // (B, T)
    }
}
