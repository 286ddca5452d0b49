using Ssna.MLNet.Onnx;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

/// <summary>What an encoder's lowest layer reads, made of token ids.</summary>
internal abstract class EncoderEmbedding
{
    /// <param name="ids">Token ids, where the parameters are: (B, T), int64.</param>
    /// <returns>(B, T, D), float32.</returns>
    public abstract Tensor Forward(Tensor ids);

    /// <summary>The same as operators of a graph.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="ids">(B, T), int64.</param>
    /// <returns>(B, T, D).</returns>
    public abstract OnnxValue ToOnnx(OnnxGraph graph, OnnxValue ids);
}
