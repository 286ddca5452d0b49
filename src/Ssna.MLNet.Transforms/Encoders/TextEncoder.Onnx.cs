using Ssna.MLNet.Onnx;
using static Ssna.MLNet.Onnx.TensorProto.Types;

namespace Ssna.MLNet.Encoders;

internal sealed partial class TextEncoder
{
    /// <summary>What <see cref="ClsOfTopLayers"/> computes, in float32, as a graph; what it holds ends with the dispose scope.</summary>
    /// <param name="layers">How many layers, from 1 to <see cref="LayerCount"/>.</param>
    public OnnxGraph ToOnnx(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layers, LayerCount);
        var graph = new OnnxGraph("encoder");
        OnnxValue ids = graph.Input(
            "input_ids",
            DataType.Int64,
            $"Token ids, special tokens included, from 0 to {Configuration.VocabularySize - 1}; rows are filled up with "
                + $"{Configuration.PadId} on the right, and have at most {MaximumTokens}.",
            "batch",
            "length"
        ); // (B, T)
        OnnxValue mask = graph.Input(
            "attention_mask",
            DataType.Int64,
            "1 for a token, 0 for what fills up a row.",
            "batch",
            "length"
        ); // (B, T)
        OnnxValue hidden = graph.IsEqual(graph.Unsqueeze(mask, 1, 2), graph.Number(0L)); // (B, 1, 1, T)
        OnnxValue bias = graph.Hide(hidden); // (B, 1, 1, T)
        if (_attentionBias is not null)
        {
            bias = graph.Add(bias, _attentionBias.ToOnnx(graph, graph.SizeOf(ids, 1))); // (B, H, T, T)
        }
        OnnxValue states = _embedding.ToOnnx(graph, ids); // (B, T, D)
        var cls = new OnnxValue[layers];
        for (int i = 0; i < LayerCount; i++)
        {
            int fromTop = LayerCount - 1 - i;
            states = _layers[i].ToOnnx(graph, $"layer.{i}", states, bias, firstAlone: fromTop == 0); // (B, T, D)
            if (fromTop < layers)
            {
                cls[fromTop] = fromTop == 0 ? states : graph.Slice(states, 1, 0, 1); // (B, 1, D)
            }
        }
        graph.Output(
            graph.Concatenate(1, cls),
            "layers",
            DataType.Float,
            "The first token's hidden state in each of the top layers, the top layer first.",
            "batch",
            layers,
            Width
        ); // (B, layers, D)
        return graph;
    }
}
