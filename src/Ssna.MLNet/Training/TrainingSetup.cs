using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Items;
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
    private readonly Tensor _items; // (v, ...): prepared inputs; (I, d): embeddings, where nothing changes them
    private readonly BatchLoss _loss;

    /// <param name="options">Model, loss and training settings.</param>
    /// <param name="items">What was read of the catalogue's items, by the ranks that train together.</param>
    /// <param name="training">Sequences of catalogue indexes to train on.</param>
    /// <param name="validation">What to select the best epoch by.</param>
    /// <param name="place">Where to train.</param>
    /// <param name="context">Takes lines, and stops validation.</param>
    /// <param name="start">The model to start from, or null for random weights.</param>
    /// <exception cref="InvalidOperationException">There is nothing to learn from, or no start of the architecture.</exception>
    public TrainingSetup(
        TrainingOptions options,
        HeldItems items,
        SequenceSet training,
        ValidationCases validation,
        RunPlace place,
        RunContext context,
        StartingModel? start = null
    )
    {
        Ranks ranks = Ranks = items.Ranks;
        int seed = options.Seed ?? 1;
        int itemCount = items.Count;
        (Device device, ComputePrecision precision) = place;
        TrainingLoss loss = options.Loss.For(itemCount);
        Planner = Plan(options, loss, training, itemCount);
        double width = items.Rows.dim() == 3 ? items.Rows.shape[2] : 1;
        TrainingMemory.Check(options, new TrainingMemory.Data(itemCount, width, Planner.CaseCount));

        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        long steps = Steps(options, Planner.Deal(Order(seed, epoch: 1)).Count);
        Model = CreateModel(options, items, place, steps, start);
        foreach ((string _, Tensor value) in Model.Tensors)
        {
            ranks.TakeFirst(value);
        }
        HeldItems inputs = items.With(Model.Place(items.Rows)); // (v, ...)
        bool itemsFrozen = options.FrozenPart == FrozenPart.ItemEncoder;
        _items = itemsFrozen
            ? ItemEmbeddings.Of(Model, inputs, ranks.Alone ? context : context.Unstoppable())
            : Prepare(inputs, options.FeatureMemoryBudget);
        _items.DetachFromDisposeScope();
        HeldItems known = itemsFrozen ? items : items.With(_items);
        Tensor? frozen = itemsFrozen ? _items : null; // (I, d)
        TrainedItems = itemsFrozen ? null : Model.Items;
        Model.RequireGradients(options.FrozenPart);
        RepeatRates? rates = options.LearnRepeats ? RepeatRates.Of(training, itemCount) : null;
        Validation = new ModelValidation(
            validation,
            Model,
            known,
            rates,
            options.Loss.Temperature,
            // What would stop one rank alone is asked of all between batches.
            ranks.Alone
                ? context
                : context.Unstoppable(),
            frozen
        );

        Noise = new TrainingNoise(seed);
        _loss = loss.Start(new TargetCounts(Planner.TargetCounts(), Planner.CaseCount, options.BatchSize), device);
        Step = new TrainingStep(Model, known, _loss, options.ItemDropout, new ForwardPass(precision, Noise), frozen);
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
    /// <param name="items">What was read of the items; all ranks fit the model to them together.</param>
    /// <param name="place">Where the weights are to live, and how exactly they are multiplied.</param>
    /// <param name="steps">Steps of the optimiser that are to come: some kinds of adaptation plan by them.</param>
    /// <param name="start">The model whose weights it takes over instead, or null.</param>
    public static SsnaModel CreateModel(
        TrainingOptions options,
        HeldItems items,
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

    // By the whole catalogue's size: what ranks hold is rounded where one process's would be.
    private Tensor Prepare(HeldItems inputs, long memoryBudget) =>
        Model.Items.Prepare(
            inputs.Rows,
            compact: inputs.Rows.dtype == ScalarType.Float32 && inputs.Numbers * sizeof(float) > memoryBudget
        ); // (v, ...)

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
