using Microsoft.ML.Transforms;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>What decides how a model is trained, whatever data views and columns it is trained from.</summary>
public abstract partial class TrainingOptions
{
    private protected TrainingOptions() { }

    // Model (the paper's steps 1 to 5) ------------------------------------------------------------------------

    /// <summary>
    /// How item embeddings are made, with the settings of it. Default <see cref="ItemAdaptation.Ssna"/>; the others are what the
    /// paper compares it with.
    /// </summary>
    public ItemAdaptation Adaptation = new ItemAdaptation.Ssna();

    /// <summary>The width of item and user embeddings: the paper's d. Default 256.</summary>
    public int Dimension = 256;

    /// <summary>What reads sequences of item embeddings, with the settings of it. Default SASRec.</summary>
    public SequenceModel SequenceModel = new SequenceModel.SASRec();

    /// <summary>
    /// Whether scores add to the cosine what an item's place in the user's history says of its being taken again: when it was
    /// last taken, how often, how often that item and that user repeat at all. It is fitted to the validation cases, given the
    /// model, at every validation. Default true.
    /// </summary>
    public bool LearnRepeats = true;

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

    /// <summary>
    /// Adam's learning rate; null takes 0.001, or 0.0003 where the training starts from a model
    /// (<see cref="SsnaTrainer.Options.StartFrom"/>): its weights are near a good place already. Default null.
    /// </summary>
    public float? LearningRate;

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

    /// <summary>
    /// Whether sequences longer than the model looks at (<see cref="SequenceModel.MaximumSequenceLength"/>) also train on what lies
    /// before their last window; the log says how much that is. Default <see cref="EarlierWindows.Auto"/>: where more than a tenth
    /// of the training cases would be lost.
    /// </summary>
    public EarlierWindows TrainOnEarlierWindows = EarlierWindows.Auto;

    /// <summary>
    /// Bytes of the catalogue's scaled item features held as float32, by all ranks together; larger ones are held as bfloat16, at half
    /// the memory. Default 1 GiB.
    /// </summary>
    public long FeatureMemoryBudget = 1L << 30;

    /// <summary>
    /// The seed of weights, dropout, noise and order; null takes the MLContext's, or 1. On a CPU, with as many threads and in the same
    /// precision, the same seed gives the same weights. On a GPU it draws the same numbers, and weights differ in their last digits
    /// from run to run: the gradients of rows that were chosen several times are summed there in no fixed order.
    /// </summary>
    public int? Seed;

    // Going on ------------------------------------------------------------------------------------------------

    /// <summary>
    /// The part of the model that stays as it is in a training that starts from a model
    /// (<see cref="SsnaTrainer.Options.StartFrom"/>); without one, it would stay random, and is refused. Default none.
    /// </summary>
    public FrozenPart FrozenPart = FrozenPart.None;

    /// <summary>
    /// A folder in which the training writes down how far it is, or null for none. A training that finds its own checkpoint there
    /// goes on from it, and ends as it would have without the interruption: bit by bit on the same machine with the same number of
    /// threads. One that finds another's (other options, items, sequences, encoder or versions of the libraries) refuses, and names
    /// what differs. The last two checkpoints are kept. When the training has ended, one of its end stays, as its model may not be
    /// saved yet: the same training again gives the model at once, and another takes the folder over. Default null.
    /// </summary>
    public string? CheckpointFolder;

    /// <summary>The time between checkpoints; they are written behind a step or an epoch. Default 10 minutes.</summary>
    public TimeSpan CheckpointInterval = TimeSpan.FromMinutes(10);

    /// <summary>Steps of the optimiser between checkpoints, if those come first; null leaves it to the time. Default null.</summary>
    public int? CheckpointSteps;

    /// <summary>Epochs between checkpoints, if those come first; null leaves it to time and steps. Default null.</summary>
    public int? CheckpointEpochs;

    // Where and how it runs ----------------------------------------------------------------------------------

    /// <summary>The CUDA device, or null for the MLContext's (none: the CPU).</summary>
    public int? GpuDeviceId;

    /// <summary>Whether a missing GPU means the CPU instead of an error; null takes the MLContext's.</summary>
    public bool? FallbackToCpu;

    /// <summary>The precision of the large matrix products in training. Default automatic.</summary>
    public ComputePrecision Precision = ComputePrecision.Auto;

    /// <summary>
    /// The processes that train one model together, each called with the same options, items and sequences; null, the default, for
    /// this one alone. They share a batch's items and sequences, each keeps the features of its own items alone, and all end with the
    /// same model, which is that of one process up to rounding; the first tells the log of the training and writes checkpoints. Where one
    /// is cancelled, or an error ends it, all are.
    /// </summary>
    public ICollective? Collective;

    /// <summary>Threads for the tensors while fitting, or null to leave the process's number as it is.</summary>
    public int? NumberOfThreads;

    /// <summary>Told of every finished epoch; null, the default, for nobody.</summary>
    public IProgress<SsnaTrainingProgress>? Progress;

    /// <summary>
    /// Told about once a second where an epoch is that takes longer; after a step, on the training thread. Null, the default, for
    /// nobody.
    /// </summary>
    public IProgress<SsnaStepProgress>? StepProgress;

    /// <summary>Stops training, and an extraction on the way to it, within one batch. Default: nothing stops it.</summary>
    public CancellationToken CancellationToken;

    /// <summary>
    /// Whether a cancelled training returns the best model so far, where there is one, instead of throwing. Default false.
    /// </summary>
    public bool KeepBestOnCancellation;
}
