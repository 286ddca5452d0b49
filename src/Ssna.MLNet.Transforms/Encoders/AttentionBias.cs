using Ssna.MLNet.Onnx;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

/// <summary>What every layer of an encoder adds to its attention scores.</summary>
internal abstract class AttentionBias
{
    /// <param name="length">The tokens' number: T.</param>
    /// <returns>(1, H, T, T), float32.</returns>
    public abstract Tensor Forward(long length);

    /// <summary>The same as operators of a graph.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="length">The tokens' number: T, a whole number.</param>
    /// <returns>(1, H, T, T).</returns>
    public abstract OnnxValue ToOnnx(OnnxGraph graph, OnnxValue length);
}
