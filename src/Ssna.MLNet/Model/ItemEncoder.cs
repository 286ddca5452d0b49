using Ssna.MLNet.Items;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// Turns what is known of items into item embeddings: the part of a model in which the kinds of adaptation differ. Its
/// trainable weights are those that it declares in the model's <see cref="ParameterBuffer"/>.
/// </summary>
internal abstract class ItemEncoder : IDisposable
{
    /// <summary>What decides its tensors.</summary>
    public abstract ItemEncoderShape Shape { get; }

    /// <summary>
    /// Whether inputs stay in the host's memory whatever the model's device: texts are cut into batches there, and going to a GPU
    /// and back would be for nothing.
    /// </summary>
    public virtual bool ReadsOnHost => false;

    /// <summary>What is saved beside the weights and is not learned by gradients.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Value)> Buffers => [];

    /// <summary>Its learned embeddings of single items; null where it knows items by their inputs alone.</summary>
    public virtual LearnedTable? Table => null;

    /// <summary>Fills <see cref="Buffers"/> from the catalogue that will be trained on.</summary>
    /// <param name="items">Its items, of which each rank has rows as <see cref="Prepare"/> takes them; all ranks fit together.</param>
    public virtual void Fit(HeldItems items) { }

    /// <summary>Whatever can be computed once for all epochs, without gradient.</summary>
    /// <param name="inputs">What was read of the items, one row an item, where <see cref="ReadsOnHost"/> says: (V, ...).</param>
    /// <param name="compact">Whether features are held as bfloat16, to take half the memory.</param>
    /// <returns>What <see cref="Embed"/> takes, one row an item; the caller's to dispose.</returns>
    public virtual Tensor Prepare(Tensor inputs, bool compact = false) => inputs.alias();

    /// <summary>Item embeddings v*, not normalised.</summary>
    /// <param name="inputs">Prepared, one row an item: (V, ...).</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(V, d).</returns>
    public abstract Tensor Embed(Tensor inputs, ForwardPass pass);

    /// <summary>The same of items that are trained on, of which a kind may have learned more than their inputs tell.</summary>
    /// <param name="inputs">Prepared, one row an item: (V, ...).</param>
    /// <param name="rows">The items' indexes in the catalogue that is trained on: (V), int64; null for all of it in its order.</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(V, d).</returns>
    public virtual Tensor EmbedTrained(Tensor inputs, Tensor? rows, ForwardPass pass) => Embed(inputs, pass);

    /// <summary>Carries gradients on from where <see cref="Embed"/> has cut them off; called behind every backward pass.</summary>
    public virtual void FinishBackward() { }

    /// <summary>Adds to the gradients of a step what does not come from the loss; called once they are complete.</summary>
    public virtual void BeforeStep() { }

    /// <summary>Changes weights by other means than gradients; called behind every step of the optimiser.</summary>
    public virtual void AfterStep() { }

    /// <summary>What training needs to go on, beside weights and <see cref="Buffers"/>.</summary>
    public virtual void VisitTraining(StateVisitor visitor) { }

    /// <summary>Frees <see cref="Buffers"/>; the weights are the model's.</summary>
    public virtual void Dispose() { }
}

/// <summary>Learned embeddings, one row an item of the catalogue that is trained on.</summary>
/// <param name="Rows">(I, d).</param>
/// <param name="Alone">Whether an item's row is all that is known of it.</param>
internal sealed record LearnedTable(Parameter Rows, bool Alone);
