namespace Microsoft.ML.Trainers.Recommender;

/// <summary>What one finished epoch reports.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="MaximumEpochs">The epochs at most.</param>
/// <param name="Loss">The mean training loss of a target.</param>
/// <param name="ValidationRecallAt10">Recall@10 on the validation cases, whole catalogue.</param>
/// <param name="ValidationNdcgAt10">NDCG@10 likewise.</param>
/// <param name="BestEpoch">The epoch with the best validation Recall@10 so far.</param>
/// <param name="TrainingTime">The time of training alone.</param>
/// <param name="ValidationTime">The time of validation.</param>
/// <param name="SequencesPerSecond">Training sequences a second.</param>
/// <param name="Steps">Steps of the optimiser in this epoch.</param>
/// <param name="StepsPerEpoch">Steps of a whole epoch: more than <paramref name="Steps"/> where MaximumSteps ended this one.</param>
public sealed record SsnaTrainingProgress(
    int Epoch,
    int MaximumEpochs,
    double Loss,
    double ValidationRecallAt10,
    double ValidationNdcgAt10,
    int BestEpoch,
    TimeSpan TrainingTime,
    TimeSpan ValidationTime,
    double SequencesPerSecond,
    int Steps,
    int StepsPerEpoch
);

/// <summary>Where an epoch is.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">The steps of the optimiser that it has done.</param>
/// <param name="StepsPerEpoch">The steps of a whole epoch.</param>
/// <param name="Elapsed">The time since its start.</param>
public sealed record SsnaStepProgress(int Epoch, int Step, int StepsPerEpoch, TimeSpan Elapsed);
