using Ssna.MLNet.Model;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// What turns the embeddings of a user's items, in their order, into what the user takes next, with the settings of it. One of the
/// nested kinds.
/// </summary>
public abstract partial class SequenceModel
{
    private protected SequenceModel() { }

    /// <summary>Most recent items of a user that the model looks at. Default 50.</summary>
    public int MaximumSequenceLength = 50;

    /// <summary>The kind's name, such as SASRec.</summary>
    public sealed override string ToString() => GetType().Name;

    /// <summary>Checks the settings.</summary>
    /// <param name="dimension">The width of embeddings.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range; the message names it.</exception>
    internal abstract void Check(int dimension);

    /// <summary>The encoder that is trained, its weights declared.</summary>
    /// <param name="parameters">Where its weights are declared.</param>
    /// <param name="dimension">The width of embeddings: d.</param>
    internal abstract SequenceEncoder Create(ParameterBuffer parameters, int dimension);

    /// <summary>The memory that training it takes.</summary>
    internal abstract IEnumerable<MemoryPart> Memory(TrainingSize size);

    internal SequenceModel Clone() => (SequenceModel)MemberwiseClone();
}
