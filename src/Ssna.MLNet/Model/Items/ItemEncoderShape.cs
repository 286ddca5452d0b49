using System.Text.Json.Serialization;
using TorchSharp;

namespace Ssna.MLNet.Model.Items;

/// <summary>The kind of an <see cref="ItemEncoder"/> and everything that decides which tensors it has; saved with a model.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "Kind")]
[JsonDerivedType(typeof(SsnaEncoderShape), "Ssna")]
[JsonDerivedType(typeof(TopMixtureEncoderShape), "TopMixture")]
[JsonDerivedType(typeof(TopMlpEncoderShape), "TopMlp")]
[JsonDerivedType(typeof(ItemTableShape), "ItemIds")]
[JsonDerivedType(typeof(LoRAEncoderShape), "LoRA")]
[JsonDerivedType(typeof(AdaLoRAEncoderShape), "AdaLoRA")]
[JsonDerivedType(typeof(FullFineTuningEncoderShape), "FullFineTuning")]
internal abstract record ItemEncoderShape
{
    /// <summary>How many layers, each with tensors of its own, it has.</summary>
    [JsonIgnore]
    public virtual int Depth => 1;

    /// <summary>An encoder whose weights are declared, and whose buffers are zeros.</summary>
    /// <param name="parameters">Where its weights are declared.</param>
    /// <param name="dimension">The width of item embeddings: d.</param>
    /// <param name="regularization">What it drops while it is trained.</param>
    /// <param name="device">Where its buffers live.</param>
    public abstract ItemEncoder Create(
        ParameterBuffer parameters,
        int dimension,
        Regularization regularization,
        torch.Device device
    );
}
