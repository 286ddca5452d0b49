using Ssna.MLNet.Onnx;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>x W^T + b.</summary>
internal sealed class LinearLayer(ParameterBuffer parameters, string name, int input, int output)
{
    private readonly Parameter _weight = parameters.Declare($"{name}.weight", Initialization.Normal, output, input);
    private readonly Parameter _bias = parameters.Declare($"{name}.bias", Initialization.Zero, output);

    /// <summary>W: (out, in).</summary>
    public Tensor Weight => _weight.Value;

    /// <summary>b: (out).</summary>
    public Tensor Bias => _bias.Value;

    public Tensor Forward(Tensor x, ForwardPass pass) => pass.Linear(x, _weight.Value, _bias.Value);

    /// <summary>The same as operators of a graph.</summary>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x) => graph.Linear(x, name, _weight.Value, _bias.Value);

    /// <inheritdoc cref="ForwardPass.LinearToOperand"/>
    public Tensor ForwardToOperand(Tensor x, ForwardPass pass) => pass.LinearToOperand(x, _weight.Value, _bias.Value);
}
