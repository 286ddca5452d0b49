using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Trains a model: epochs of steps, each epoch validated, the best one kept (the paper's step 6).</summary>
internal sealed class SsnaTraining
{
    private readonly TrainingOptions _options;
    private readonly TrainingSetup _setup;
    private readonly RunContext _context;
    private readonly BestWeights _best;
    private readonly List<SsnaTrainingProgress> _epochs = [];

    /// <summary>Trains a model.</summary>
    /// <param name="options">Model, loss and training settings, and whom to tell.</param>
    /// <param name="items">What was read of the catalogue's items, one row an item: (I, ...).</param>
    /// <param name="training">Sequences of catalogue indexes to train on.</param>
    /// <param name="validation">What to select the best epoch by; with no case, the last epoch is kept.</param>
    /// <param name="place">Where to train.</param>
    /// <param name="context">Takes a line an epoch, and stops training before a batch.</param>
    /// <exception cref="OperationCanceledException">Stopped with no model to keep, or without being asked to keep it.</exception>
    /// <exception cref="InvalidOperationException">No sequence has two items, or the loss is no number any more.</exception>
    public static SsnaTrainingResult Run(
        TrainingOptions options,
        Tensor items,
        SequenceSet training,
        ValidationCases validation,
        RunPlace place,
        RunContext context
    )
    {
        TorchRuntime.EnsureLoaded();
        using TrainingGate gate = TrainingGate.Enter(options.NumberOfThreads, context);
        NativeHeap.Trim(); // what extraction left
        using TensorState trainable = TensorState.Trainable();
        using var setup = new TrainingSetup(options, items, training, validation, place, context);
        try
        {
            using var best = new BestWeights(setup.Model.Parameters);
            return new SsnaTraining(options, setup, best, context).Train();
        }
        catch
        {
            setup.Model.Dispose();
            throw;
        }
    }

    private SsnaTraining(TrainingOptions options, TrainingSetup setup, BestWeights best, RunContext context) =>
        (_options, _setup, _best, _context) = (options, setup, best, context);

    private SsnaTrainingResult Train()
    {
        bool cancelled = false;
        try
        {
            RunEpochs();
        }
        catch (OperationCanceledException) when (_options.KeepBestOnCancellation && _best.Epoch > 0)
        {
            cancelled = true;
            _context.Info($"Cancelled; the model of epoch {_best.Epoch} is kept.");
        }
        _best.Restore();
        return new SsnaTrainingResult(_setup.Model, _epochs, _best.Epoch, cancelled);
    }

    private void RunEpochs()
    {
        var training = new EpochTraining(_options, _setup, _context);
        int stepsLeft = _options.MaximumSteps ?? int.MaxValue;
        long started = Stopwatch.GetTimestamp();
        for (int epoch = 1; epoch <= _options.MaximumEpochs; epoch++)
        {
            if (_options.MaximumTime is { } limit && epoch > 1 && Stopwatch.GetElapsedTime(started) >= limit)
            {
                _context.Info($"Stopped before epoch {epoch}: {limit} have passed (MaximumTime).");
                return;
            }
            long start = Stopwatch.GetTimestamp();
            TrainedEpoch trained = training.Run(epoch, stepsLeft);
            NativeHeap.Trim();
            TimeSpan trainingTime = Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            (double recall, double ndcg) = Validate(epoch);
            NativeHeap.Trim();
            var progress = new SsnaTrainingProgress(
                epoch,
                _options.MaximumEpochs,
                trained.Loss,
                recall,
                ndcg,
                _best.Epoch,
                trainingTime,
                ValidationTime: Stopwatch.GetElapsedTime(start),
                trained.Sequences / trainingTime.TotalSeconds,
                trained.Steps,
                trained.StepsPerEpoch
            );
            _epochs.Add(progress);
            _context.Info(Describe(progress));
            _options.Progress?.Report(progress);
            stepsLeft -= trained.Steps;
            if (stepsLeft == 0)
            {
                _context.Info($"Stopped after {_options.MaximumSteps} steps (MaximumSteps).");
                return;
            }
            if (epoch - _best.Epoch >= _options.Patience)
            {
                _context.Info($"Stopped after epoch {epoch}: {_options.Patience} epochs without a better Recall@10.");
                return;
            }
        }
    }

    /// <summary>Measures the weights, or their average, and keeps them where they are the best.</summary>
    private (double Recall, double Ndcg) Validate(int epoch)
    {
        using IDisposable? average = _setup.Average?.Use();
        (double recall, double ndcg) = _setup.Validation.Measure();
        if (double.IsNaN(recall) && _setup.Validation.HasCases)
        {
            throw new TrainingDivergedException(
                epoch,
                $"The scores after epoch {epoch} are no numbers. A smaller LearningRate, or Precision Float32, may help."
            );
        }
        // With nothing to compare, the last epoch is kept.
        if (!_setup.Validation.HasCases || recall > _best.Recall)
        {
            _best.Keep(epoch, recall);
        }
        return (recall, ndcg);
    }

    private static string Describe(SsnaTrainingProgress epoch) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch {epoch.Epoch}: loss {epoch.Loss:F4}, validation Recall@10 {epoch.ValidationRecallAt10:F4}, NDCG@10 "
                + $"{epoch.ValidationNdcgAt10:F4}, best epoch {epoch.BestEpoch}, {epoch.TrainingTime.TotalSeconds:F1} s training, "
                + $"{epoch.ValidationTime.TotalSeconds:F1} s validation, {epoch.SequencesPerSecond:N0} sequences/s"
        );
}
