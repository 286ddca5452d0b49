using Ssna.MLNet.Onnx;

namespace Ssna.MLNet.Encoders;

internal sealed partial class PostNormLayer
{
    public override OnnxValue ToOnnx(
        OnnxGraph graph,
        string name,
        OnnxValue states,
        OnnxValue bias,
        bool firstAlone = false
    )
    {
        long width = _configuration.Width;
        OnnxValue asking = firstAlone ? graph.Slice(states, 1, 0, 1) : states; // (B, Q, D)
        OnnxValue context = graph.Attend(
            Project(asking, "query", 0),
            Project(states, "key", 1),
            Project(states, "value", 2),
            _configuration.HeadCount,
            width,
            firstAlone ? graph.Slice(bias, 2, 0, 1) : bias
        ); // (B, Q, D)
        OnnxValue attended = graph.Add(Map(context, "attention.output", _output), asking); // (B, Q, D)
        OnnxValue middle = graph.Normalize(
            attended,
            $"{name}.attention.norm",
            _attentionNormWeight,
            _attentionNormBias,
            _configuration.NormEpsilon
        ); // (B, Q, D)
        OnnxValue inner = graph.Activate(Map(middle, "feedforward.inner", _inner), _configuration.Activation); // (B, Q, I)
        OnnxValue sum = graph.Add(Map(inner, "feedforward.output", _outer), middle); // (B, Q, D)
        return graph.Normalize(sum, $"{name}.feedforward.norm", _normWeight, _normBias, _configuration.NormEpsilon); // (B, Q, D)

        OnnxValue Project(OnnxValue x, string part, int index) =>
            graph.Linear(
                x,
                $"{name}.attention.{part}",
                _qkv.Weight.narrow(0, index * width, width),
                _qkv.Bias.narrow(0, index * width, width)
            );

        OnnxValue Map(OnnxValue x, string part, EncoderLinear map) =>
            graph.Linear(x, $"{name}.{part}", map.Weight, map.Bias);
    }
}
