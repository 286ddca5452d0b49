using Microsoft.ML.Transforms;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>Fits SSNA: adapters on an item's text features, joined into item embeddings, and a sequence model over them.</summary>
public sealed partial class SsnaTrainer
{
    /// <summary>Settings of <see cref="SsnaTrainer"/>: the defaults are what measured best; <see cref="Paper"/> is the paper's.</summary>
    public sealed class Options
    {
        // Columns -----------------------------------------------------------------------------------------------

        /// <summary>
        /// The column of the training data with each user's item ids, oldest first: a vector of text, keys or integers. Default
        /// "Sequence".
        /// </summary>
        public string SequenceColumnName = "Sequence";

        /// <summary>The item catalogue: one row an item, with its id and its features, or the columns that <see cref="ItemPipeline"/> reads.</summary>
        public IDataView? Items;

        /// <summary>
        /// The column of <see cref="Items"/> with the item's id, of the type of the sequences' items. Default "Item".
        /// </summary>
        public string ItemColumnName = "Item";

        /// <summary>
        /// The column of <see cref="Items"/> (behind <see cref="ItemPipeline"/>, where there is one) with the item's features:
        /// a (layers, width) vector of float with the top layer first, or a plain vector, which counts as one layer. Default
        /// "Layers".
        /// </summary>
        public string FeaturesColumnName = "Layers";

        /// <summary>
        /// What turns the columns of <see cref="Items"/> into <see cref="FeaturesColumnName"/>, or null where the features are
        /// there already. It is fitted on the items and saved with the model.
        /// </summary>
        public IEstimator<ITransformer>? ItemPipeline;

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

        // Model (the paper's steps 1 to 5) ------------------------------------------------------------------------

        /// <summary>
        /// How item embeddings are made. Default <see cref="ItemAdaptation.Ssna"/>; the others are what the paper compares it
        /// with. An option of the model that the chosen kind does not read has to stay at its default.
        /// </summary>
        public ItemAdaptation Adaptation = new ItemAdaptation.Ssna();

        /// <summary>How many of the encoder's top layers get an adapter: the paper's a. Default 2.</summary>
        public int LayerCount = 2;

        /// <summary>The width of item and user embeddings: the paper's d. Default 256.</summary>
        public int Dimension = 256;

        /// <summary>Projection heads of an adapter: the paper's n_p. Default 8.</summary>
        public int AdapterHeads = 8;

        /// <summary>How the layers' adapters are joined into one item embedding. Default GRU.</summary>
        public LayerIntegration Integration = LayerIntegration.Gru;

        /// <summary>What is done to the features before the adapters. Default whitening: worth a tenth of the recall on real data.</summary>
        public FeatureScaling FeatureScaling = FeatureScaling.Whiten;

        /// <summary>Added to the standard deviation of the routing noise. Default 0.01, as in UniSRec.</summary>
        public float RoutingNoiseFloor = 0.01f;

        /// <summary>Dropout on the features before the projection heads. Default 0.2, as in UniSRec.</summary>
        public float FeatureDropout = 0.2f;

        /// <summary>Blocks of the sequence model. Default 2.</summary>
        public int SequenceBlocks = 2;

        /// <summary>Attention heads of the sequence model. Default 2.</summary>
        public int AttentionHeads = 2;

        /// <summary>Width inside the sequence model's feed-forward layers. Default 256.</summary>
        public int InnerSize = 256;

        /// <summary>Dropout of the sequence model. Default 0.3: best by measurement with the full-catalogue loss.</summary>
        public float Dropout = 0.3f;

        /// <summary>Most recent items that the model looks at. Default 50.</summary>
        public int MaximumSequenceLength = 50;

        // Loss (step 5) -------------------------------------------------------------------------------------------

        /// <summary>
        /// What is minimised: how a target is told apart from other items. Default <see cref="TrainingLoss.Auto"/>: from the whole
        /// catalogue, or from a sample of a large one.
        /// </summary>
        public TrainingLoss Loss = new TrainingLoss.Auto();

        // Training (step 6) ---------------------------------------------------------------------------------------

        /// <summary>Training targets (prefixes) in a batch. Default 2,048.</summary>
        public int BatchSize = 2048;

        /// <summary>
        /// Batches whose gradients are averaged into one step of the optimiser; each has negatives of its own. Default 1.
        /// </summary>
        public int AccumulatedBatches = 1;

        /// <summary>Adam's learning rate. Default 0.001.</summary>
        public float LearningRate = 1e-3f;

        /// <summary>Epochs at most. Default 100.</summary>
        public int MaximumEpochs = 100;

        /// <summary>
        /// Steps of the optimiser after which training ends, within an epoch if need be, or null. The part of an epoch is then
        /// validated as a whole one is. Default null.
        /// </summary>
        public int? MaximumSteps;

        /// <summary>Epochs without a better validation Recall@10 after which training ends. Default 10.</summary>
        public int Patience = 10;

        /// <summary>Time after which no further epoch starts, or null. Default null.</summary>
        public TimeSpan? MaximumTime;

        /// <summary>The share of distinct input items hidden in each batch. Default 0.</summary>
        public float ItemDropout;

        /// <summary>
        /// Decay a step of the exponential average of the weights that is validated and kept, or 0 for none. Default 0.98: it
        /// lifts validation recall at next to no cost.
        /// </summary>
        public float WeightAverageDecay = 0.98f;

        /// <summary>Whether sequences longer than the window also train on their earlier windows. Default false.</summary>
        public bool TrainOnEarlierWindows;

        /// <summary>
        /// Rows to validate on, with the sequence column and <see cref="ValidationLabelColumnName"/>; null holds out each
        /// training sequence's last item.
        /// </summary>
        public IDataView? Validation;

        /// <summary>The column of <see cref="Validation"/> with the item to find. Default "Label".</summary>
        public string ValidationLabelColumnName = "Label";

        /// <summary>
        /// Cases to validate on at most; of more, a random sample is taken once. Default 20,000: the standard error of a recall
        /// is then below .0036.
        /// </summary>
        public int MaximumValidationCases = 20_000;

        /// <summary>
        /// Bytes of scaled item features held as float32; larger ones are held as bfloat16, at half the memory. Default 1 GiB.
        /// </summary>
        public long FeatureMemoryBudget = 1L << 30;

        /// <summary>The seed of weights, dropout, noise and order; null takes the MLContext's, or 1.</summary>
        public int? Seed;

        // Where and how it runs ----------------------------------------------------------------------------------

        /// <summary>The CUDA device, or null for the MLContext's (none: the CPU).</summary>
        public int? GpuDeviceId;

        /// <summary>Whether a missing GPU means the CPU instead of an error; null takes the MLContext's.</summary>
        public bool? FallbackToCpu;

        /// <summary>The precision of the large matrix products in training. Default automatic.</summary>
        public ComputePrecision Precision = ComputePrecision.Auto;

        /// <summary>Threads for the tensors while fitting, or null to leave the process's number as it is.</summary>
        public int? Threads;

        /// <summary>Told of every finished epoch.</summary>
        public IProgress<SsnaTrainingProgress>? Progress;

        /// <summary>Told about once a second where an epoch is that takes longer; after a step, on the training thread.</summary>
        public IProgress<SsnaStepProgress>? StepProgress;

        /// <summary>Stops training, and an extraction in <see cref="ItemPipeline"/>, within one batch.</summary>
        public CancellationToken CancellationToken;

        /// <summary>
        /// Whether a cancelled training returns the best model so far, where there is one, instead of throwing. Default false.
        /// </summary>
        public bool KeepBestOnCancellation;

        internal Options Clone()
        {
            var clone = (Options)MemberwiseClone();
            clone.Adaptation = Adaptation?.Clone()!; // null is refused by name
            clone.Loss = Loss?.Clone()!;
            return clone;
        }

        /// <summary>
        /// The paper's settings with a kind of adaptation. Those that train the encoder itself have batches of 32, of which 8
        /// make a step.
        /// </summary>
        /// <param name="adaptation">The kind.</param>
        public static Options PaperFor(ItemAdaptation adaptation)
        {
            Options options = Paper;
            options.Adaptation = adaptation;
            if (adaptation is ItemAdaptation.TrainedEncoder)
            {
                options.BatchSize = 32;
                options.AccumulatedBatches = 8;
            }
            return options;
        }

        /// <summary>The paper's settings: in-batch loss, batch 256, Adam 3e-4, dropout 0.5, features as they come.</summary>
        public static Options Paper =>
            new()
            {
                FeatureScaling = FeatureScaling.None,
                RoutingNoiseFloor = 0,
                Loss = new TrainingLoss.InBatch { LabelSmoothing = 0 },
                Dropout = 0.5f,
                BatchSize = 256,
                LearningRate = 3e-4f,
                WeightAverageDecay = 0,
            };
    }
}

/// <summary>How the adapters' outputs, top layer first, become one item embedding.</summary>
public enum LayerIntegration
{
    /// <summary>A gated recurrent unit over the layers: the paper's SSNA.</summary>
    Gru,

    /// <summary>The mean of the layers.</summary>
    Mean,

    /// <summary>A mean weighted by a softmax over one learned weight a layer.</summary>
    Weighted,
}

/// <summary>What is done to the features before the adapters; fitted on the catalogue, one layer at a time, and saved with the model.</summary>
public enum FeatureScaling
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Mean 0 and standard deviation 1 in every dimension.</summary>
    Standardize,

    /// <summary>ZCA whitening: mean 0, and dimensions that are uncorrelated over the catalogue.</summary>
    Whiten,
}

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
