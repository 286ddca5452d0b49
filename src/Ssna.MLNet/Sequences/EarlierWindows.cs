namespace Microsoft.ML.Trainers.Recommender;

/// <summary>Whether what lies before a long sequence's last window is trained on too, in windows of its own.</summary>
public enum EarlierWindows
{
    /// <summary>Where more than a tenth of the training cases would be lost without.</summary>
    Auto,

    /// <summary>Always: every item of a sequence but the first is a target, once an epoch.</summary>
    On,

    /// <summary>Never: the last items of a sequence are its targets, as many as the model looks at, as in the paper.</summary>
    Off,
}
