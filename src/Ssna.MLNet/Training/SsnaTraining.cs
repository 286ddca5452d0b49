using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
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
    private readonly TrainingCheckpoints? _checkpoints;
    private readonly BestWeights _best;
    private readonly TrainingPosition _position;
    private readonly RunContext _context;
    private readonly Ranks _ranks;
    private long _started = Stopwatch.GetTimestamp();
    private long _epochStarted;

    /// <summary>Trains a model.</summary>
    /// <param name="options">Model, loss and training settings, and whom to tell.</param>
    /// <param name="items">What was read of the catalogue's items, by the ranks that train together.</param>
    /// <param name="training">Sequences of catalogue indexes to train on.</param>
    /// <param name="validation">What to select the best epoch by; with no case, the last epoch is kept.</param>
    /// <param name="place">Where to train.</param>
    /// <param name="context">Takes a line an epoch, and stops training before a batch.</param>
    /// <param name="start">The model to start from, or null for random weights.</param>
    /// <exception cref="OperationCanceledException">Stopped with no model to keep, or without being asked to keep it.</exception>
    /// <exception cref="InvalidOperationException">
    /// No sequence has two items, the starting model is of another architecture, or the loss is no number any more.
    /// </exception>
    public static SsnaTrainingResult Run(
        TrainingOptions options,
        HeldItems items,
        SequenceSet training,
        ValidationCases validation,
        RunPlace place,
        RunContext context,
        StartingModel? start = null
    )
    {
        TorchRuntime.EnsureLoaded();
        using TrainingGate gate = TrainingGate.Enter(options.NumberOfThreads, context);
        NativeHeap.Trim(); // what extraction left
        using TensorState trainable = TensorState.Trainable();
        Ranks ranks = items.Ranks;
        var identity = new Lazy<IReadOnlyDictionary<string, string>>(() =>
            TrainingIdentity.Of(options, items, training, validation, place, start)
        );
        RequireOneTraining(ranks, identity);
        TrainingCheckpoints? opened = null;
        ranks.FirstDecides(() =>
        {
            opened = TrainingCheckpoints.Open(options, () => identity.Value);
            return opened is not null;
        });
        using TrainingCheckpoints? checkpoints = opened;
        using var setup = new TrainingSetup(options, items, training, validation, place, context, start);
        try
        {
            using var best = new BestWeights(setup.Model.Parameters);
            using var position = new TrainingPosition(place.Device);
            return ranks.Together(new SsnaTraining(options, setup, checkpoints, best, position, context, ranks).Train);
        }
        catch
        {
            setup.Model.Dispose();
            throw;
        }
    }

    private static void RequireOneTraining(Ranks ranks, Lazy<IReadOnlyDictionary<string, string>> identity)
    {
        if (ranks.Alone)
        {
            return;
        }
        IReadOnlyDictionary<string, string>[] all = Array.ConvertAll(
            ranks.OfEach(JsonSerializer.Serialize(identity.Value)),
            text => JsonSerializer.Deserialize<Dictionary<string, string>>(text)!
        );
        for (int rank = 1; rank < all.Length; rank++)
        {
            if (OptionsIdentity.Difference(all[rank], all[0]) is { } difference)
            {
                throw new InvalidOperationException(
                    $"{nameof(TrainingOptions.Collective)}: expected one training on all ranks, found another on rank {rank} than "
                        + $"on rank 0: {difference.Replace(" here", " on rank 0").Replace(" there", $" on rank {rank}")}."
                );
            }
        }
    }

    private SsnaTraining(
        TrainingOptions options,
        TrainingSetup setup,
        TrainingCheckpoints? checkpoints,
        BestWeights best,
        TrainingPosition position,
        RunContext context,
        Ranks ranks
    )
    {
        (_options, _setup, _checkpoints) = (options, setup, checkpoints);
        (_best, _position, _context, _ranks) = (best, position, context, ranks);
    }

    private SsnaTrainingResult Train()
    {
        if (_ranks.FirstDecides(() => _checkpoints?.Restore(_position, Visit) == true))
        {
            if (!_ranks.Alone)
            {
                Visit(new StateOfFirst(_ranks));
            }
            _started -= (long)(_position.Time.TotalSeconds * Stopwatch.Frequency);
            _context.Info(
                $"Going on from step {_position.Steps}, epoch {_position.Epoch} (CheckpointFolder '{_options.CheckpointFolder}')."
            );
        }
        bool cancelled = false;
        try
        {
            RunEpochs();
        }
        catch (OperationCanceledException)
        {
            if (_position.IsBetweenSteps)
            {
                Write(ended: false);
            }
            if (!_options.KeepBestOnCancellation || _best.Epoch == 0)
            {
                throw;
            }
            cancelled = true;
            _context.Info($"Cancelled; the model of epoch {_best.Epoch} is kept.");
        }
        catch (TrainingDivergedException)
        {
            _checkpoints?.Clear(); // from there it would diverge again
            throw;
        }
        if (!cancelled)
        {
            // The model is not saved yet: whoever is killed before it is has it again at once.
            Write(ended: true);
        }
        _best.Restore();
        return new SsnaTrainingResult(
            _setup.Model,
            _setup.Validation.Repeats(_best.Repeats),
            _position.Epochs,
            _best.Epoch,
            cancelled,
            _setup.TakeFrozenEmbeddings()
        );
    }

    private void RunEpochs()
    {
        var training = new EpochTraining(_options, _setup, _position, _context);
        long maximumSteps = _options.MaximumSteps ?? long.MaxValue;
        while (!IsOver(maximumSteps))
        {
            int epoch = _position.Epoch;
            _epochStarted = Stopwatch.GetTimestamp() - (long)(_position.EpochTime.TotalSeconds * Stopwatch.Frequency);
            TrainedEpoch trained = training.Run(maximumSteps, WriteIfDue);
            NativeHeap.Trim();
            TimeSpan trainingTime = Stopwatch.GetElapsedTime(_epochStarted);
            long start = Stopwatch.GetTimestamp();
            ValidationFigures found = Validate(epoch);
            NativeHeap.Trim();
            var progress = new SsnaTrainingProgress(
                epoch,
                _options.MaximumEpochs,
                trained.Loss,
                found.Recall,
                found.Ndcg,
                _best.Epoch,
                trainingTime,
                ValidationTime: Stopwatch.GetElapsedTime(start),
                trained.Sequences / trainingTime.TotalSeconds,
                trained.Steps,
                trained.StepsPerEpoch
            );
            _position.Finished(progress);
            _context.Info(Describe(progress));
            _options.Progress?.Report(progress);
            WriteIfDue();
        }
    }

    // Asked of the position alone, so that a training that goes on stops where it would have stopped.
    private bool IsOver(long maximumSteps)
    {
        if (_position.Batch > 0)
        {
            return false; // it goes on within an epoch
        }
        int finished = _position.Epoch - 1;
        string? why =
            _position.Steps >= maximumSteps ? $"Stopped after {_options.MaximumSteps} steps (MaximumSteps)."
            : finished - _best.Epoch >= _options.Patience
                ? $"Stopped after epoch {finished}: {_options.Patience} epochs without a better Recall@10."
            : _options.MaximumTime is { } limit
            && finished > 0
            && _ranks.FirstDecides(() => Stopwatch.GetElapsedTime(_started) >= limit)
                ? $"Stopped before epoch {_position.Epoch}: {limit} have passed (MaximumTime)."
            : null;
        if (why is not null)
        {
            _context.Info(why);
        }
        return why is not null || finished >= _options.MaximumEpochs;
    }

    private void WriteIfDue()
    {
        if (_checkpoints?.IsDue(_position) == true)
        {
            Write(ended: false);
        }
    }

    // Checkpoints are a help and no condition: a full disk costs what they would have saved.
    private void Write(bool ended)
    {
        _position.Tell(Stopwatch.GetElapsedTime(_epochStarted), Stopwatch.GetElapsedTime(_started));
        try
        {
            _checkpoints?.Write(_position, ended, Visit);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _context.Warning($"No checkpoint of step {_position.Steps} was written: {error.Message}");
        }
    }

    private void Visit(StateVisitor visitor)
    {
        _setup.Visit(visitor);
        _best.Visit(visitor);
        _position.Visit(visitor);
    }

    /// <summary>Measures the weights, or their average, and keeps them where they are the best.</summary>
    private ValidationFigures Validate(int epoch)
    {
        using IDisposable? average = _setup.Average?.Use();
        ValidationFigures found = _setup.Validation.Measure();
        _ranks.RequireSame($"The weights after epoch {epoch}", HashOfWeights());
        if (double.IsNaN(found.Recall) && _setup.Validation.HasCases)
        {
            throw _ranks.Shared(
                new TrainingDivergedException(
                    epoch,
                    $"The scores after epoch {epoch} are no numbers. A smaller LearningRate, or Precision Float32, may help."
                )
            );
        }
        // With nothing to compare, the last epoch is kept.
        if (!_setup.Validation.HasCases || found.Recall > _best.Recall)
        {
            _best.Keep(epoch, found);
        }
        return found;
    }

    // Of ranks that computed on unlike machines or libraries one might have strayed.
    private string HashOfWeights() =>
        _ranks.Alone ? "" : SafetensorsWriter.WriteHashed(Stream.Null, [("weights", _setup.Model.Parameters.Trained)]);

    private static string Describe(SsnaTrainingProgress epoch) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch {epoch.Epoch}: loss {epoch.Loss:F4}, validation Recall@10 {epoch.ValidationRecallAt10:F4}, NDCG@10 "
                + $"{epoch.ValidationNdcgAt10:F4}, best epoch {epoch.BestEpoch}, {epoch.TrainingTime.TotalSeconds:F1} s training, "
                + $"{epoch.ValidationTime.TotalSeconds:F1} s validation, {epoch.SequencesPerSecond:N0} sequences/s"
        );
}
