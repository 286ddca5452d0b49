using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Trains a model: epochs of steps, each epoch validated, the best one kept (the paper's step 6).</summary>
internal sealed class SsnaTraining : IDisposable
{
    private readonly SsnaTrainer.Options _options;
    private readonly ModelValidation _validation;
    private readonly Action<string>? _log;
    private readonly Func<bool>? _isCancelled;
    private readonly int _seed;
    private readonly SsnaModel _model;
    private readonly BatchPlanner _planner;
    private readonly TrainingNoise _noise;
    private readonly TrainingStep _step;
    private readonly FlatAdam _adam;
    private readonly LossScale? _lossScale;
    private readonly Tensor _items; // (I, ...): prepared inputs
    private readonly BatchLoss _loss;
    private readonly WeightAverage? _average;
    private readonly Tensor _epochLoss; // (1): the sum over the epoch's cases so far

    /// <summary>Trains a model.</summary>
    /// <param name="options">Model, loss and training settings, progress and cancellation; columns are not looked at.</param>
    /// <param name="items">What was read of the catalogue's items, one row an item: (I, ...).</param>
    /// <param name="training">Sequences of catalogue indexes to train on.</param>
    /// <param name="validation">What to select the best epoch by; with no case, the last epoch is kept.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="seed">The seed of weights, dropout, noise and order.</param>
    /// <param name="log">Takes a line an epoch.</param>
    /// <param name="isCancelled">Asked before every batch, beside the options' token.</param>
    /// <exception cref="OperationCanceledException">Cancelled with no model to keep, or without being asked to keep it.</exception>
    /// <exception cref="InvalidOperationException">No sequence has two items, or the loss is no number any more.</exception>
    public static SsnaTrainingResult Run(
        SsnaTrainer.Options options,
        Tensor items,
        SequenceSet training,
        ValidationCases validation,
        Device device,
        int seed,
        Action<string>? log = null,
        Func<bool>? isCancelled = null
    )
    {
        TorchRuntime.EnsureLoaded();
        using TrainingGate gate = TrainingGate.Enter(options.Threads, () => ThrowIfCancelled(options, isCancelled));
        NativeHeap.Trim(); // what extraction left
        using TensorState trainable = TensorState.Trainable();
        using var run = new SsnaTraining(options, items, training, validation, device, seed, log, isCancelled);
        return run.Train();
    }

    private SsnaTraining(
        SsnaTrainer.Options options,
        Tensor items,
        SequenceSet training,
        ValidationCases validation,
        Device device,
        int seed,
        Action<string>? log,
        Func<bool>? isCancelled
    )
    {
        (_options, _seed, _log, _isCancelled) = (options, seed, log, isCancelled);
        ComputePrecision precision = Hardware.ChoosePrecision(options.Precision, device);
        int itemCount = (int)items.shape[0];
        TrainingLoss loss = options.Loss.For(itemCount);
        _planner = new BatchPlanner(training, itemCount, BatchPlanner.Settings.Of(options, loss));
        if (_planner.CaseCount == 0)
        {
            throw new InvalidOperationException(
                $"Training needs a sequence of at least two known items; none of the {training.Count} sequences has two."
            );
        }
        if (loss.Needs.OtherUsers && !_planner.HasTwoUsers)
        {
            throw new InvalidOperationException(
                $"{nameof(options.Loss)} {loss}: expected two users at least with two known items each, whose targets "
                    + "are one another's negatives; found one."
            );
        }

        double width = items.dim() == 3 ? items.shape[2] : 1;
        TrainingMemory.Check(options, new TrainingMemory.Data(itemCount, width, _planner.CaseCount));

        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor inputs = items.to(device); // (I, ...)
        int batches = _planner.Deal(Order(seed, epoch: 1)).Count;
        long steps = Math.Min(
            options.MaximumEpochs * (long)Math.Ceiling((double)batches / options.AccumulatedBatches),
            options.MaximumSteps ?? long.MaxValue
        );
        _model = SsnaModel.Create(options, inputs, seed, steps);
        bool compact =
            inputs.dtype == ScalarType.Float32 && inputs.numel() * sizeof(float) > options.FeatureMemoryBudget;
        _items = _model.Items.Prepare(inputs, compact).DetachFromDisposeScope();
        _model.Parameters.RequireGradients();
        _validation = new ModelValidation(validation, _model, _items, ThrowIfCancelled, log);

        _noise = new TrainingNoise(seed, device);
        _adam = new FlatAdam(_model.Parameters, options.LearningRate);
        _lossScale = precision == ComputePrecision.Float16 ? new LossScale() : null;
        _epochLoss = zeros(1, ScalarType.Float32, device: device).DetachFromDisposeScope();
        var targets = new TargetCounts(_planner.TargetCounts(), _planner.CaseCount, options.BatchSize);
        _loss = loss.Start(targets, device);
        _step = new TrainingStep(_model, _items, _loss, options.ItemDropout, new ForwardPass(precision, _noise));
        if (options.WeightAverageDecay > 0)
        {
            _average = new WeightAverage(_model.Parameters, options.WeightAverageDecay);
        }
        log?.Invoke(
            $"Training on {_planner.CaseCount:N0} cases in {_planner.WindowCount:N0} windows over {itemCount:N0} items, "
                + $"loss {loss}, {validation.Count:N0} validation cases, {device}, {precision}, {get_num_threads()} threads."
        );
    }

    private SsnaTrainingResult Train()
    {
        var epochs = new List<SsnaTrainingProgress>();
        int bestEpoch = 0;
        double bestRecall = double.NegativeInfinity;
        bool cancelled = false;
        int stepsLeft = _options.MaximumSteps ?? int.MaxValue;
        long started = Stopwatch.GetTimestamp();
        Tensor? best = null; // (N)
        try
        {
            for (int epoch = 1; epoch <= _options.MaximumEpochs; epoch++)
            {
                if (_options.MaximumTime is { } limit && epoch > 1 && Stopwatch.GetElapsedTime(started) >= limit)
                {
                    _log?.Invoke($"Stopped before epoch {epoch}: {limit} have passed (MaximumTime).");
                    break;
                }
                long epochStart = Stopwatch.GetTimestamp();
                TrainedEpoch trained = TrainEpoch(epoch, stepsLeft);
                NativeHeap.Trim();
                TimeSpan trainingTime = Stopwatch.GetElapsedTime(epochStart);

                long validationStart = Stopwatch.GetTimestamp();
                double recall;
                double ndcg;
                using (_average?.Use())
                {
                    (recall, ndcg) = _validation.Measure();
                    if (double.IsNaN(recall) && _validation.HasCases)
                    {
                        throw new TrainingDivergedException(
                            epoch,
                            $"The scores after epoch {epoch} are no numbers. A smaller LearningRate, or Precision Float32, may help."
                        );
                    }
                    // With nothing to compare, the last epoch is kept.
                    if (!_validation.HasCases || recall > bestRecall)
                    {
                        (bestEpoch, bestRecall) = (epoch, recall);
                        Keep(ref best);
                    }
                }
                NativeHeap.Trim();
                TimeSpan validationTime = Stopwatch.GetElapsedTime(validationStart);

                var progress = new SsnaTrainingProgress(
                    epoch,
                    _options.MaximumEpochs,
                    trained.Loss,
                    recall,
                    ndcg,
                    bestEpoch,
                    trainingTime,
                    validationTime,
                    trained.Sequences / trainingTime.TotalSeconds,
                    trained.Steps,
                    trained.StepsPerEpoch
                );
                epochs.Add(progress);
                _log?.Invoke(Describe(progress));
                _options.Progress?.Report(progress);
                stepsLeft -= trained.Steps;
                if (stepsLeft == 0)
                {
                    _log?.Invoke($"Stopped after {_options.MaximumSteps} steps (MaximumSteps).");
                    break;
                }
                if (epoch - bestEpoch >= _options.Patience)
                {
                    _log?.Invoke(
                        $"Stopped after epoch {epoch}: {_options.Patience} epochs without a better Recall@10."
                    );
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (_options.KeepBestOnCancellation && best is not null)
        {
            cancelled = true;
            _log?.Invoke($"Cancelled; the model of epoch {bestEpoch} is kept.");
        }
        catch
        {
            best?.Dispose();
            _model.Dispose();
            throw;
        }
        _model.Parameters.DropGradients();
        using (TensorState.Frozen())
        {
            _model.Parameters.Values.copy_(best!);
        }
        best!.Dispose();
        return new SsnaTrainingResult(_model, epochs, bestEpoch, cancelled);
    }

    /// <summary>
    /// One pass over the training cases, or as much of it as <paramref name="stepsLeft"/> allows; the next batch's index lists are
    /// made while a step computes.
    /// </summary>
    private TrainedEpoch TrainEpoch(int epoch, int stepsLeft)
    {
        using var scope = NewDisposeScope();
        Random random = Order(_seed, epoch);
        List<int[]> deal = _planner.Deal(random);
        int stepsPerEpoch = (int)((deal.Count + (_options.AccumulatedBatches - 1L)) / _options.AccumulatedBatches);
        int steps = Math.Min(stepsPerEpoch, stepsLeft);
        int batches = (int)Math.Min(deal.Count, (long)steps * _options.AccumulatedBatches);
        long cases = 0;
        using (TensorState.Frozen())
        {
            _epochLoss.zero_();
        }
        var reporter = new StepReporter(_options.StepProgress, _log, epoch, stepsPerEpoch, TimeProvider.System);
        long lastTrim = Stopwatch.GetTimestamp();
        Task<TrainingBatch> next = Task.Run(() => _planner.Build(deal[0], random));
        for (int i = 0; i < batches; i++)
        {
            TrainingBatch batch = next.GetAwaiter().GetResult();
            ThrowIfCancelled();
            cases += batch.Cases.Targets.Length;
            if (i + 1 < batches)
            {
                int[] windows = deal[i + 1];
                next = Task.Run(() => _planner.Build(windows, random));
            }
            // The last step of an epoch has the batches that are left.
            int first = i - (i % _options.AccumulatedBatches);
            int together = Math.Min(_options.AccumulatedBatches, deal.Count - first);
            Accumulate(batch, together);
            if (i + 1 == first + together)
            {
                Step();
                NativeHeap.TrimNowAndThen(ref lastTrim);
                reporter.Finished((i / _options.AccumulatedBatches) + 1);
            }
        }
        double loss = _epochLoss.to(CPU).item<float>() / cases;
        return double.IsFinite(loss)
            ? new(loss, deal.Take(batches).Sum(windows => windows.Length), steps, stepsPerEpoch)
            : throw new TrainingDivergedException(
                epoch,
                $"The training loss of epoch {epoch} is {loss}. A smaller LearningRate, or Precision Float32, may help."
            );
    }

    /// <summary>Adds a batch's part to the gradients: the mean of <paramref name="together"/> batches' own.</summary>
    private void Accumulate(TrainingBatch batch, int together)
    {
        using var scope = NewDisposeScope();
        Tensor loss = _step.Accumulate(batch, (_lossScale?.Value ?? 1) / together);
        using var _ = TensorState.Frozen();
        _epochLoss.AddInPlace(loss, batch.Cases.Targets.Length);
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        if (_lossScale is null || _lossScale.Unscale(_model.Parameters.Gradients))
        {
            _model.Items.BeforeStep();
            _adam.Step();
            _model.Items.AfterStep();
            _average?.Add();
        }
    }

    private void Keep(ref Tensor? best)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        best ??= empty_like(_model.Parameters.Values).DetachFromDisposeScope(); // (N)
        best.copy_(_model.Parameters.Values);
    }

    private void ThrowIfCancelled() => ThrowIfCancelled(_options, _isCancelled);

    private static void ThrowIfCancelled(SsnaTrainer.Options options, Func<bool>? isCancelled)
    {
        options.CancellationToken.ThrowIfCancellationRequested();
        if (isCancelled?.Invoke() == true)
        {
            throw new OperationCanceledException("Training was cancelled through the MLContext.");
        }
    }

    /// <summary>The order of an epoch's windows: it depends on seed and epoch alone, and neighbouring seeds share none.</summary>
    internal static Random Order(int seed, int epoch) => new(unchecked((seed * 1_000_003) ^ (epoch * 7_919)));

    private static string Describe(SsnaTrainingProgress epoch) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch {epoch.Epoch}: loss {epoch.Loss:F4}, validation Recall@10 {epoch.ValidationRecallAt10:F4}, NDCG@10 "
                + $"{epoch.ValidationNdcgAt10:F4}, best epoch {epoch.BestEpoch}, {epoch.TrainingTime.TotalSeconds:F1} s training, "
                + $"{epoch.ValidationTime.TotalSeconds:F1} s validation, {epoch.SequencesPerSecond:N0} sequences/s"
        );

    private readonly record struct TrainedEpoch(double Loss, int Sequences, int Steps, int StepsPerEpoch);

    public void Dispose()
    {
        _items.Dispose();
        _loss.Dispose();
        _average?.Dispose();
        _epochLoss.Dispose();
        _noise.Dispose();
        _adam.Dispose();
    }
}
