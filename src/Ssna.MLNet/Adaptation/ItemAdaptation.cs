using Ssna.MLNet.Items;
using Ssna.MLNet.Model.Items;
using TorchSharp;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// How item embeddings are made from what is known of items: SSNA, or one of the methods that the paper compares it with.
/// Sequence model, loss, evaluation and saving are the same for all. See <see cref="SsnaTrainer.Options.Adaptation"/>.
/// </summary>
public abstract partial class ItemAdaptation
{
    private protected ItemAdaptation() { }

    /// <summary>What messages call it.</summary>
    internal string Name => GetType().Name;

    /// <summary>The names of the options of <see cref="SsnaTrainer.Options"/> that this kind reads and not all kinds do.</summary>
    internal abstract IReadOnlyCollection<string> Reads { get; }

    /// <summary>Checks this kind's own settings, and those of the trainer's that it cannot do with.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range; the message names it.</exception>
    internal virtual void Check(SsnaTrainer.Options options) { }

    /// <summary>What is worth lines in the log before training.</summary>
    internal virtual IEnumerable<string> Remarks => [];

    /// <summary>What is read of the items.</summary>
    internal abstract ItemInputs InputsOf(SsnaTrainer.Options options);

    /// <summary>The encoder that is trained.</summary>
    /// <param name="options">The trainer's options.</param>
    /// <param name="inputs">What was read of the items, one row an item: (I, ...).</param>
    /// <param name="steps">Steps of the optimiser that are to come, if training does not end early.</param>
    internal abstract ItemEncoderShape ShapeOf(SsnaTrainer.Options options, torch.Tensor inputs, long steps);

    internal ItemAdaptation Clone() => (ItemAdaptation)MemberwiseClone();
}
