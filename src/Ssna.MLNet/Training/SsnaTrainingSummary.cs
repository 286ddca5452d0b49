namespace Microsoft.ML.Trainers.Recommender;

/// <summary>How a <see cref="SsnaTransformer"/> was trained; saved with it.</summary>
/// <param name="Epochs">Every finished epoch, in order.</param>
/// <param name="BestEpoch">The epoch whose weights the model has: the one with the best validation Recall@10.</param>
/// <param name="Sequences">The sequences that were learned from.</param>
/// <param name="ValidationCases">The cases that the best epoch was chosen on.</param>
/// <param name="TrainableParameters">The numbers that training has learned.</param>
/// <param name="Duration">The time of the whole of Fit, item pipeline included.</param>
public sealed record SsnaTrainingSummary(
    IReadOnlyList<SsnaTrainingProgress> Epochs,
    int BestEpoch,
    int Sequences,
    int ValidationCases,
    long TrainableParameters,
    TimeSpan Duration
)
{
    /// <summary>
    /// How many trainings, one after another, this one has gone on from (<see cref="SsnaTrainer.Options.StartFrom"/>): 0 for a
    /// training that started from random weights.
    /// </summary>
    public int EarlierTrainings { get; init; }

    /// <summary>
    /// The items of the training sequences, repeats and those held out for validation among them: what popularity and
    /// training counts are shares of. Null for a model that was saved before this was kept.
    /// </summary>
    public long? Interactions { get; init; }
}
