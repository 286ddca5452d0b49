namespace Microsoft.ML.Trainers.Recommender;

/// <summary>Which part of a model keeps its weights while the other one is trained.</summary>
public enum FrozenPart
{
    /// <summary>None: the whole model is trained.</summary>
    None,

    /// <summary>What makes item embeddings. They are computed once, and without dropout.</summary>
    ItemEncoder,

    /// <summary>The sequence model. Its dropout stays.</summary>
    SequenceModel,
}
