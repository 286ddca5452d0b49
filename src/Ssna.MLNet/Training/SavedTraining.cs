using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Training;

/// <summary>How a saved model was trained: see <see cref="SsnaTrainingSummary"/>, which is made of it.</summary>
internal sealed record SavedTraining(
    IReadOnlyList<SavedEpoch> Epochs,
    int BestEpoch,
    int Sequences,
    int ValidationCases,
    long TrainableParameters,
    TimeSpan Duration,
    int EarlierTrainings = 0, // models that were saved before there was StartFrom lack it
    long? Interactions = null // and those that were saved before training counts were told this
)
{
    public static SavedTraining Of(SsnaTrainingSummary training) =>
        new(
            [.. training.Epochs.Select(SavedEpoch.Of)],
            training.BestEpoch,
            training.Sequences,
            training.ValidationCases,
            training.TrainableParameters,
            training.Duration,
            training.EarlierTrainings,
            training.Interactions
        );

    public SsnaTrainingSummary Summary() =>
        new(
            [.. Epochs.Select(epoch => epoch.Progress())],
            BestEpoch,
            Sequences,
            ValidationCases,
            TrainableParameters,
            Duration
        )
        {
            EarlierTrainings = EarlierTrainings,
            Interactions = Interactions,
        };

    /// <summary>Checks what a file claims and scores are told of.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its range; the message names it.</exception>
    public void Check() =>
        OptionsChecks.Require(Interactions is null or > 0, Interactions, nameof(Interactions), "above 0");
}

/// <summary>An epoch of it: see <see cref="SsnaTrainingProgress"/>.</summary>
internal sealed record SavedEpoch(
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
)
{
    public static SavedEpoch Of(SsnaTrainingProgress epoch) =>
        new(
            epoch.Epoch,
            epoch.MaximumEpochs,
            epoch.Loss,
            epoch.ValidationRecallAt10,
            epoch.ValidationNdcgAt10,
            epoch.BestEpoch,
            epoch.TrainingTime,
            epoch.ValidationTime,
            epoch.SequencesPerSecond,
            epoch.Steps,
            epoch.StepsPerEpoch
        );

    public SsnaTrainingProgress Progress() =>
        new(
            Epoch,
            MaximumEpochs,
            Loss,
            ValidationRecallAt10,
            ValidationNdcgAt10,
            BestEpoch,
            TrainingTime,
            ValidationTime,
            SequencesPerSecond,
            Steps,
            StepsPerEpoch
        );
}
