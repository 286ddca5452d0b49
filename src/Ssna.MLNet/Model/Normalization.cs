using Ssna.MLNet.Onnx;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>Layer normalisation over the last dimension.</summary>
internal sealed class Normalization(ParameterBuffer parameters, string name, int width)
{
    private const double Epsilon = 1e-12; // RecBole's
    private readonly Parameter _weight = parameters.Declare($"{name}.weight", Initialization.One, width);
    private readonly Parameter _bias = parameters.Declare($"{name}.bias", Initialization.Zero, width);
    private readonly long[] _shape = [width];

    public Tensor Forward(Tensor x) => nn.functional.layer_norm(x, _shape, _weight.Value, _bias.Value, Epsilon);

    /// <summary>The same as operators of a graph.</summary>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x) =>
        graph.Normalize(x, name, _weight.Value, _bias.Value, Epsilon);
}
