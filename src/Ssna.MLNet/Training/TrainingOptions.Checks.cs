using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class TrainingOptions
{
    /// <summary>Checks all that can be told without data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is missing or out of its range; the message names it.</exception>
    internal virtual void Check()
    {
        OptionsChecks.Require(Adaptation is not null, null, nameof(Adaptation), "a kind of ItemAdaptation");
        OptionsChecks.Require(SequenceModel is not null, null, nameof(SequenceModel), "a kind of SequenceModel");
        OptionsChecks.Require(Loss is not null, null, nameof(Loss), "a kind of TrainingLoss");
        OptionsChecks.AtLeast(1, Dimension, nameof(Dimension));
        Adaptation!.Check();
        SequenceModel!.Check(Dimension);
        Loss!.Check();
        OptionsChecks.Require(
            Loss.StaysInBatch || !Adaptation.NeedsInBatchLoss,
            Loss,
            nameof(Loss),
            $"InBatch, as Adaptation {Adaptation} would encode every candidate's text in every step"
        );
        OptionsChecks.Share(WeightAverageDecay, nameof(WeightAverageDecay));
        OptionsChecks.Require(
            WeightAverageDecay == 0 || Adaptation.FaultOfAverages is null,
            WeightAverageDecay,
            nameof(WeightAverageDecay),
            $"0 with Adaptation {Adaptation}, as {Adaptation.FaultOfAverages}"
        );

        OptionsChecks.AtLeast(1, BatchSize, nameof(BatchSize));
        OptionsChecks.AtLeast(1, AccumulatedBatches, nameof(AccumulatedBatches));
        OptionsChecks.Positive(LearningRate ?? StartingModel.LearningRate, nameof(LearningRate));
        OptionsChecks.AtLeast(1, MaximumEpochs, nameof(MaximumEpochs));
        OptionsChecks.Require(MaximumSteps is null or >= 1, MaximumSteps, nameof(MaximumSteps), "at least 1 or null");
        OptionsChecks.AtLeast(1, Patience, nameof(Patience));
        OptionsChecks.Require(FeatureMemoryBudget >= 0, FeatureMemoryBudget, nameof(FeatureMemoryBudget), "at least 0");
        OptionsChecks.Require(
            MaximumTime is null || MaximumTime > TimeSpan.Zero,
            MaximumTime,
            nameof(MaximumTime),
            "a positive time or null"
        );
        OptionsChecks.Defined(FrozenPart, nameof(FrozenPart));
        OptionsChecks.Defined(TrainOnEarlierWindows, nameof(TrainOnEarlierWindows));
        OptionsChecks.Share(ItemDropout, nameof(ItemDropout));
        OptionsChecks.Defined(Precision, nameof(Precision));
        TensorThreads.Check(NumberOfThreads, nameof(NumberOfThreads));
        OptionsChecks.Require(GpuDeviceId is null or >= 0, GpuDeviceId, nameof(GpuDeviceId), "at least 0 or null");
        OptionsChecks.Require(CheckpointFolder is not "", "''", nameof(CheckpointFolder), "a folder or null");
        OptionsChecks.Require(
            CheckpointInterval > TimeSpan.Zero,
            CheckpointInterval,
            nameof(CheckpointInterval),
            "a positive time"
        );
        OptionsChecks.Require(
            CheckpointSteps is null or >= 1,
            CheckpointSteps,
            nameof(CheckpointSteps),
            "at least 1 or null"
        );
        OptionsChecks.Require(
            CheckpointEpochs is null or >= 1,
            CheckpointEpochs,
            nameof(CheckpointEpochs),
            "at least 1 or null"
        );
        TrainingMemory.Check(this, TrainingMemory.Data.Unknown);
    }
}
