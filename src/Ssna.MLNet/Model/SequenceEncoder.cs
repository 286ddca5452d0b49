using System.Text.Json.Serialization;
using Ssna.MLNet.Onnx;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>The kind of a <see cref="SequenceEncoder"/> and everything that decides which tensors it has; saved with a model.</summary>
/// <param name="MaximumSequenceLength">Most recent items of a sequence that are looked at.</param>
internal abstract record SequenceEncoderShape(int MaximumSequenceLength)
{
    /// <summary>How many layers, each with tensors of its own, it has.</summary>
    [JsonIgnore]
    public abstract int Depth { get; }

    /// <summary>Refuses what a file claims and no such encoder has.</summary>
    /// <param name="dimension">The width of embeddings: d.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range; the message names it.</exception>
    public abstract void Check(int dimension);

    /// <summary>An encoder whose weights are declared: to be given a saved one's.</summary>
    /// <param name="parameters">Where its weights are declared.</param>
    /// <param name="dimension">The width of embeddings: d.</param>
    public abstract SequenceEncoder Restore(ParameterBuffer parameters, int dimension);
}

/// <summary>
/// Turns the embeddings of a user's items, in their order, into what the user is like: the part of a model in which kinds of
/// sequence models differ. Its weights are those that it declares in the model's <see cref="ParameterBuffer"/>.
/// </summary>
internal abstract class SequenceEncoder
{
    /// <summary>What decides its tensors.</summary>
    public abstract SequenceEncoderShape Shape { get; }

    /// <summary>What the user is like after each item, not normalised.</summary>
    /// <param name="items">The item embedding of every slot: (R * W, d).</param>
    /// <param name="packing">Which slots make up which sequence.</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(R * W, d); rows of unused slots mean nothing.</returns>
    public abstract Tensor Forward(Tensor items, PackedSequences packing, ForwardPass pass);

    /// <summary>What the user is like after the last item alone, for a fraction of the work; not normalised.</summary>
    /// <param name="items">The item embedding of every slot: (R * W, d).</param>
    /// <param name="last">Which slots make up which sequence, and where each ends.</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>One row a sequence, in their order: (B, d).</returns>
    public abstract Tensor ForwardLast(Tensor items, LastItems last, ForwardPass pass);

    /// <summary>What <see cref="ForwardLast"/> computes, as operators of a graph, of sequences that are filled up to a length.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="items">The item embedding of every slot, from the last item of a sequence back: (B, W, d).</param>
    /// <param name="counts">The items of each sequence, which take its first slots: (B, 1), int64; of 0, any result will do.</param>
    /// <returns>(B, 1, d).</returns>
    public abstract OnnxValue ToOnnx(OnnxGraph graph, OnnxValue items, OnnxValue counts);
}
