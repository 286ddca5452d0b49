using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// How item embeddings are made from what is known of items, with the settings of it: SSNA, or one of the methods that the paper
/// compares it with. Sequence model, loss, evaluation and saving are the same for all. One of the nested kinds.
/// </summary>
public abstract partial class ItemAdaptation
{
    private protected ItemAdaptation() { }

    /// <summary>The kind's name, such as Ssna.</summary>
    public sealed override string ToString() => GetType().Name;

    /// <summary>Whether it is too slow to embed more items in a step than those of its batch.</summary>
    internal virtual bool NeedsInBatchLoss => false;

    /// <summary>Why weights may not be averaged over steps, or null where they may.</summary>
    internal virtual string? FaultOfAverages => null;

    /// <summary>The setting, and its value, that says what to start from in another way than a model; null where none does.</summary>
    internal virtual (string Option, string Value)? OtherStart => null;

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range; the message names it.</exception>
    internal virtual void Check() { }

    /// <summary>Brings what the settings name elsewhere to this machine, and checks what could not be checked before.</summary>
    /// <param name="context">What takes lines, and stops it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range; the message names it.</exception>
    internal virtual void Prepare(RunContext context) { }

    /// <summary>What is worth lines in the log before training.</summary>
    internal virtual IEnumerable<string> Remarks => [];

    /// <summary>Gives the settings for which the paper's differ from the defaults the paper's values.</summary>
    internal virtual void UsePaper() { }

    /// <summary>
    /// The settings that name folders to start from, and a hash of what is in each: two trainings differ by that, and not by
    /// where it lies.
    /// </summary>
    internal virtual IEnumerable<(string Setting, byte[] Hash)> Folders => [];

    /// <summary>What is read of the items; looked up once a training.</summary>
    internal abstract ItemInputs Inputs();

    /// <summary>The encoder that is trained, its weights declared.</summary>
    internal abstract ItemEncoder Create(ItemEncoderPlan plan);

    /// <summary>The memory that training it takes, beside what all kinds take.</summary>
    internal virtual IEnumerable<MemoryPart> Memory(TrainingSize size) => [];

    internal ItemAdaptation Clone() => (ItemAdaptation)MemberwiseClone();
}
