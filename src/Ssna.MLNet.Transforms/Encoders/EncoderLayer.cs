using Ssna.MLNet.Onnx;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

/// <summary>One layer of an encoder.</summary>
internal abstract class EncoderLayer
{
    /// <summary>
    /// Has the weights laid out for oneDNN, if the layer can do so: states may be bfloat16 then, whose products are faster without
    /// gradients and deltas. Until <see cref="Unpack"/> the weights are not to change.
    /// </summary>
    /// <returns>Whether it can. If not, states stay float32.</returns>
    public virtual bool TryPack() => false;

    /// <summary>Ends that.</summary>
    public virtual void Unpack() { }

    /// <summary>The layer's output at every position.</summary>
    /// <param name="states">(B, T, D), float32, or bfloat16 where the layer is packed.</param>
    /// <param name="bias">
    /// What is added to the attention scores, minus infinity at padding: (B or 1, H or 1, T or 1, T) in the compute type; null where
    /// nothing is.
    /// </param>
    /// <param name="deltas">What training adds to the layer's products, or null for the layer as it is.</param>
    /// <returns>(B, T, D), in the type of the states.</returns>
    public abstract Tensor Forward(Tensor states, Tensor? bias, ILayerDeltas? deltas = null);

    /// <summary>The layer's output at the first position alone: keys and values of all, everything else of one.</summary>
    /// <param name="states">(B, T, D), float32, or bfloat16 where the layer is packed.</param>
    /// <param name="bias">As in <see cref="Forward"/>.</param>
    /// <param name="deltas">What training adds to the layer's products, or null for the layer as it is.</param>
    /// <returns>(B, D), in the type of the states.</returns>
    public abstract Tensor ForwardCls(Tensor states, Tensor? bias, ILayerDeltas? deltas = null);

    /// <summary>The layer, in float32, as operators of a graph.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="name">What its weights are called.</param>
    /// <param name="states">(B, T, D).</param>
    /// <param name="bias">What is added to the attention scores: (B or 1, H or 1, T or 1, T).</param>
    /// <param name="firstAlone">Whether the output is wanted at the first position alone.</param>
    /// <returns>(B, T, D), or (B, 1, D).</returns>
    public abstract OnnxValue ToOnnx(
        OnnxGraph graph,
        string name,
        OnnxValue states,
        OnnxValue bias,
        bool firstAlone = false
    );
}
