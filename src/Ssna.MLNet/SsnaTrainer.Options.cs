using Ssna.MLNet.Columns;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>Fits SSNA: adapters on an item's text features, joined into item embeddings, and a sequence model over them.</summary>
public sealed partial class SsnaTrainer
{
    /// <summary>Settings of <see cref="SsnaTrainer"/>: the defaults are what measured best; <see cref="Paper"/> is the paper's.</summary>
    public sealed class Options : TrainingOptions
    {
        // Columns -----------------------------------------------------------------------------------------------

        /// <summary>
        /// The column of the training data with each user's item ids, oldest first: a vector of text, keys or integers. Default
        /// "Sequence".
        /// </summary>
        public string SequenceColumnName = "Sequence";

        /// <summary>The item catalogue: one row an item, with its id and what <see cref="TrainingOptions.Adaptation"/> reads, or the columns that <see cref="ItemPipeline"/> reads. Required.</summary>
        public IDataView? Items;

        /// <summary>
        /// The column of <see cref="Items"/> with the item's id, of the type of the sequences' items. Default "Item".
        /// </summary>
        public string ItemColumnName = "Item";

        /// <summary>
        /// What turns the columns of <see cref="Items"/> into the one that <see cref="TrainingOptions.Adaptation"/> reads, features or a text, or
        /// null where it is there already. It is fitted on the items and saved with the model.
        /// </summary>
        public IEstimator<ITransformer>? ItemPipeline;

        /// <summary>
        /// A trained model to go on from, from memory or loaded, or null to start from random weights. Default null.
        /// </summary>
        /// <remarks>
        /// It stays as it is, and may be disposed of when <c>Fit</c> has returned. It must have the architecture that these options
        /// ask for. <see cref="Items"/> may have items that it does not know and lack some that it knows; items are the same by
        /// their ids. What its item encoder was fitted to stays: features are scaled by the mean and whitening of the catalogue that
        /// the first training saw, because the adapters have learned to read features in those directions; newly fitted ones would
        /// be others. A learned embedding of an item (<see cref="ItemAdaptation.ItemIds"/>, <see cref="ItemAdaptation.SsnaWithIds"/>)
        /// goes with its id; a new item starts from its text alone, or from a drawn one where there is no text. Where
        /// <see cref="ItemPipeline"/> is null, the model's own fitted one makes what it reads; one that is given is fitted on the
        /// items as ever, and should make the same features. Popularity is counted anew, from the sequences that <c>Fit</c>
        /// is given. The optimiser starts afresh, with a lower <see cref="TrainingOptions.LearningRate"/>; AdaLoRA gives out its
        /// ranks anew. With <see cref="TrainingOptions.FrozenPart"/> a part of the model stays as it is.
        /// </remarks>
        public SsnaTransformer? StartFrom;

        /// <summary>The output column with the score of every item of the catalogue. Default "Score".</summary>
        public string ScoreColumnName = "Score";

        /// <summary>The output column with the ids of the best items. Default "RecommendedItems".</summary>
        public string RecommendedItemsColumnName = "RecommendedItems";

        /// <summary>The output column with the scores of the best items. Default "RecommendedScores".</summary>
        public string RecommendedScoresColumnName = "RecommendedScores";

        /// <summary>How many items the recommendation columns hold at most. Default 10.</summary>
        public int TopK = 10;

        /// <summary>Whether recommendations leave out the items of the row's own sequence. Default true.</summary>
        public bool ExcludeHistory = true;

        /// <summary>
        /// Rows to validate on, with the sequence column and <see cref="ValidationLabelColumnName"/>; null holds out each
        /// training sequence's last item.
        /// </summary>
        public IDataView? ValidationSet;

        /// <summary>The column of <see cref="ValidationSet"/> with the item to find. Default "Label".</summary>
        public string ValidationLabelColumnName = "Label";

        /// <summary>
        /// Cases to validate on at most; of more, a random sample is taken once. Default 20,000: the standard error of a recall
        /// is then below .0036.
        /// </summary>
        public int MaximumValidationCases = 20_000;

        /// <summary>
        /// The paper's settings: in-batch loss, batch 256, Adam 3e-4, dropout 0.5, features as they come, the last window of a sequence
        /// alone. Methods that train the encoder itself have batches of 32, of which 8 make a step.
        /// </summary>
        /// <param name="adaptation">
        /// The kind of adaptation; null for SSNA. The options have a copy, in which <c>FeatureScaling</c> and
        /// <c>RoutingNoiseFloor</c>, where it has them, are the paper's.
        /// </param>
        public static Options Paper(ItemAdaptation? adaptation = null)
        {
            ItemAdaptation kind = adaptation?.Clone() ?? new ItemAdaptation.Ssna();
            kind.UsePaper();
            bool trainsEncoder = kind is ItemAdaptation.TrainedEncoder;
            return new()
            {
                Adaptation = kind,
                SequenceModel = new SequenceModel.SASRec { Dropout = 0.5f },
                Loss = new TrainingLoss.InBatch { LabelSmoothing = 0 },
                BatchSize = trainsEncoder ? 32 : 256,
                AccumulatedBatches = trainsEncoder ? 8 : 1,
                LearningRate = 3e-4f,
                WeightAverageDecay = 0,
                TrainOnEarlierWindows = EarlierWindows.Off,
                LearnRepeats = false,
            };
        }

        internal override void Check()
        {
            OptionsChecks.Require(Items is not null, null, nameof(Items), "a data view with one row an item");
            OptionsChecks.NotEmpty(SequenceColumnName, nameof(SequenceColumnName));
            OptionsChecks.NotEmpty(ItemColumnName, nameof(ItemColumnName));
            OptionsChecks.NotEmpty(ValidationLabelColumnName, nameof(ValidationLabelColumnName));
            TransformerSettings.CheckOutputs(ScoreColumnName, RecommendedItemsColumnName, RecommendedScoresColumnName);
            OptionsChecks.AtLeast(1, TopK, nameof(TopK));
            OptionsChecks.AtLeast(1, MaximumValidationCases, nameof(MaximumValidationCases));
            base.Check();
        }

        /// <summary>What the fitted transformer reads and writes.</summary>
        /// <param name="inputs">What the adaptation reads of the items.</param>
        /// <param name="start">The model that is started from, or null.</param>
        internal TransformerSettings ForTransformer(ItemInputs inputs, SsnaTransformer? start) =>
            new(
                SequenceColumnName,
                ItemColumnName,
                inputs,
                ItemPipeline is null ? start?.HasInputsBeforePipeline ?? false : inputs.AreIn(Items!.Schema),
                ScoreColumnName,
                RecommendedItemsColumnName,
                RecommendedScoresColumnName,
                TopK,
                ExcludeHistory
            );

        /// <summary>What is read of training and validation data, and how much of it is used.</summary>
        internal TrainingDataSettings ForTrainingData() =>
            new(
                SequenceColumnName,
                ValidationLabelColumnName,
                SequenceModel.MaximumSequenceLength,
                TrainOnEarlierWindows,
                MaximumValidationCases,
                Seed ?? 1
            );

        // Kinds that are null are refused by name.
        internal Options Clone()
        {
            var clone = (Options)MemberwiseClone();
            clone.Adaptation = Adaptation?.Clone()!;
            clone.SequenceModel = SequenceModel?.Clone()!;
            clone.Loss = Loss?.Clone()!;
            return clone;
        }
    }
}
