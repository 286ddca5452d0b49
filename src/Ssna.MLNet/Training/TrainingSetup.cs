using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Everything that one training works with, made from options and data; freed with it, the model excepted.</summary>
internal sealed class TrainingSetup : IDisposable
{
    private readonly Tensor _items; // (I, ...): prepared inputs; (I, d): embeddings, where nothing changes them
    private readonly BatchLoss _loss;

    /// <param name="options">Model, loss and training settings.</param>
    /// <param name="items">What was read of the catalogue's items, one row an item: (I, ...).</param>
    /// <param name="training">Sequences of catalogue indexes to train on.</param>
    /// <param name="validation">What to select the best epoch by.</param>
    /// <param name="place">Where to train.</param>
    /// <param name="context">Takes lines, and stops validation.</param>
    /// <param name="ranks">Who trains it together.</param>
    /// <param name="start">The model to start from, or null for random weights.</param>
    /// <exception cref="InvalidOperationException">There is nothing to learn from, or no start of the architecture.</exception>
    public TrainingSetup(
        TrainingOptions options,
        Tensor items,
        SequenceSet training,
        ValidationCases validation,
        RunPlace place,
        RunContext context,
        Ranks ranks,
        StartingModel? start = null
    )
    {
        Ranks = ranks;
        int seed = options.Seed ?? 1;
        int itemCount = (int)items.shape[0];
        (Device device, ComputePrecision precision) = place;
        TrainingLoss loss = options.Loss.For(itemCount);
        Planner = Plan(options, loss, training, itemCount);
        double width = items.dim() == 3 ? items.shape[2] : 1;
        TrainingMemory.Check(options, new TrainingMemory.Data(itemCount, width, Planner.CaseCount));

        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        long steps = Steps(options, Planner.Deal(Order(seed, epoch: 1)).Count);
        Model = CreateModel(options, items, place, steps, start);
        foreach ((string _, Tensor value) in Model.Tensors)
        {
            ranks.TakeFirst(value);
        }
        Tensor inputs = Model.Place(items); // (I, ...)
        bool itemsFrozen = options.FrozenPart == FrozenPart.ItemEncoder;
        _items = itemsFrozen
            ? ItemEmbeddings.Of(Model, inputs, ranks.Alone ? context : context.Unstoppable(), ranks)
            : Prepare(inputs, options.FeatureMemoryBudget);
        _items.DetachFromDisposeScope();
        TrainedItems = itemsFrozen ? null : Model.Items;
        Model.RequireGradients(options.FrozenPart);
        RepeatRates? rates = options.LearnRepeats ? RepeatRates.Of(training, itemCount) : null;
        Validation = new ModelValidation(
            validation,
            Model,
            _items,
            rates,
            options.Loss.Temperature,
            // What would stop one rank alone is asked of all between batches.
            ranks.Alone
                ? context
                : context.Unstoppable(),
            ranks,
            itemsFrozen
        );

        Noise = new TrainingNoise(seed);
        _loss = loss.Start(new TargetCounts(Planner.TargetCounts(), Planner.CaseCount, options.BatchSize), device);
        Step = new TrainingStep(
            Model,
            _items,
            _loss,
            options.ItemDropout,
            new ForwardPass(precision, Noise),
            ranks,
            itemsFrozen
        );
        Adam = new FlatAdam(Model.Parameters, options.LearningRate ?? StartingModel.RateOf(start));
        LossScale = precision == ComputePrecision.Float16 ? new LossScale() : null;
        Average =
            options.WeightAverageDecay > 0 ? new WeightAverage(Model.Parameters, options.WeightAverageDecay) : null;
        context.Info(
            $"Training on {Planner.CaseCount:N0} cases in {Planner.WindowCount:N0} windows over {itemCount:N0} items, "
                + $"loss {loss}, {validation.Count:N0} validation cases, {device}, {precision}, {get_num_threads()} threads"
                + (ranks.Alone ? "." : $" on each of {ranks.Count} ranks: {ranks.Describe()}.")
        );
    }

    /// <summary>Who trains together.</summary>
    public Ranks Ranks { get; }

    /// <summary>The model, with gradients; the caller's.</summary>
    public SsnaModel Model { get; }

    /// <summary>The model's item encoder, where it is trained; null where it is frozen.</summary>
    public ItemEncoder? TrainedItems { get; }

    public BatchPlanner Planner { get; }

    public TrainingStep Step { get; }

    /// <summary>What the steps draw from; told of every batch.</summary>
    public TrainingNoise Noise { get; }

    public FlatAdam Adam { get; }

    /// <summary>Keeps float16 gradients in range; null for other precisions.</summary>
    public LossScale? LossScale { get; }

    /// <summary>The average of the weights that is validated and kept, or null where they are themselves.</summary>
    public WeightAverage? Average { get; }

    public ModelValidation Validation { get; }

    /// <summary>The items' embeddings, where the item encoder is frozen: (I, d), the caller's; null where it is not.</summary>
    public Tensor? TakeFrozenEmbeddings() => TrainedItems is null ? _items.alias().DetachFromDisposeScope() : null;

    /// <summary>Visits all that training changes but its position and what it keeps.</summary>
    public void Visit(StateVisitor visitor)
    {
        visitor.Tensor("weights", Model.Parameters.Trained);
        Adam.Visit(visitor);
        Average?.Visit(visitor);
        LossScale?.Visit(visitor);
        TrainedItems?.VisitTraining(visitor);
    }

    /// <summary>The order of an epoch's windows: it depends on seed and epoch alone, and neighbouring seeds share none.</summary>
    public static Random Order(int seed, int epoch) => new(unchecked((seed * 1_000_003) ^ (epoch * 7_919)));

    /// <summary>A model to train, its weights drawn from the options' seed and fitted to the items, or taken over.</summary>
    /// <param name="options">The model's settings.</param>
    /// <param name="items">What was read of the items, one row an item: (I, ...).</param>
    /// <param name="place">Where the weights are to live, and how exactly they are multiplied.</param>
    /// <param name="steps">Steps of the optimiser that are to come: some kinds of adaptation plan by them.</param>
    /// <param name="start">The model whose weights it takes over instead, or null.</param>
    public static SsnaModel CreateModel(
        TrainingOptions options,
        Tensor items,
        RunPlace place,
        long steps = 1,
        StartingModel? start = null
    )
    {
        var model = new SsnaModel(
            options.Dimension,
            parameters =>
                options.Adaptation.Create(
                    new ItemEncoderPlan(parameters, options.Dimension, items, place.Device, place.Precision, steps)
                ),
            parameters => options.SequenceModel.Create(parameters, options.Dimension),
            place.Device
        );
        try
        {
            if (start is null)
            {
                model.Initialize(items, options.Seed ?? 1);
            }
            else
            {
                start.CopyTo(model, options.Seed ?? 1, options.FrozenPart);
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private Tensor Prepare(Tensor inputs, long memoryBudget) =>
        Model.Items.Prepare(
            inputs,
            compact: inputs.dtype == ScalarType.Float32 && inputs.numel() * sizeof(float) > memoryBudget
        ); // (I, ...)

    private static BatchPlanner Plan(TrainingOptions options, TrainingLoss loss, SequenceSet training, int itemCount)
    {
        var planner = new BatchPlanner(training, itemCount, BatchPlanner.Settings.Of(options, loss));
        if (planner.CaseCount == 0)
        {
            throw new InvalidOperationException(
                $"Training needs a sequence of at least two known items; none of the {training.Count} sequences has two."
            );
        }
        return !loss.Needs.OtherUsers || planner.HasTwoUsers
            ? planner
            : throw new InvalidOperationException(
                $"{nameof(options.Loss)} {loss}: expected two users at least with two known items each, whose targets "
                    + "are one another's negatives; found one."
            );
    }

    // If training does not end early.
    private static long Steps(TrainingOptions options, int batches) =>
        Math.Min(
            options.MaximumEpochs * (long)Math.Ceiling((double)batches / options.AccumulatedBatches),
            options.MaximumSteps ?? long.MaxValue
        );

    public void Dispose()
    {
        _items.Dispose();
        _loss.Dispose();
        Average?.Dispose();
        Adam.Dispose();
    }
}
