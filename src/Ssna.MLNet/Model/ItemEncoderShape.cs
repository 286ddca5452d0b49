using System.Text.Json.Serialization;
using Ssna.MLNet.Items;
using TorchSharp;

namespace Ssna.MLNet.Model;

/// <summary>The kind of an <see cref="ItemEncoder"/> and everything that decides which tensors it has; saved with a model.</summary>
internal abstract record ItemEncoderShape
{
    /// <summary>How many layers, each with tensors of its own, it has.</summary>
    [JsonIgnore]
    public virtual int Depth => 1;

    /// <summary>Refuses what a file claims and no such encoder has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range; the message names it.</exception>
    public virtual void Check() { }

    /// <summary>Whether what is read of tables of items is what such an encoder embeds.</summary>
    /// <param name="inputs">What is read.</param>
    /// <param name="itemCount">Items of the catalogue.</param>
    public abstract bool Takes(ItemInputs inputs, int itemCount);

    /// <summary>An encoder whose weights are declared, and whose buffers are zeros: to be given a saved one's tensors.</summary>
    /// <param name="parameters">Where its weights are declared.</param>
    /// <param name="dimension">The width of item embeddings: d.</param>
    /// <param name="device">Where its buffers live.</param>
    public abstract ItemEncoder Restore(ParameterBuffer parameters, int dimension, torch.Device device);
}
