using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Where a training is: what an unbroken run knows by having come this far.</summary>
internal sealed class TrainingPosition : IDisposable
{
    private int _epoch = 1;
    private int _batch;
    private long _steps;
    private long _cases;
    private TimeSpan _epochTime;
    private TimeSpan _time;
    private List<SavedEpoch> _epochs = [];

    /// <param name="device">Where losses are summed.</param>
    public TrainingPosition(Device device) =>
        LossSum = zeros(1, ScalarType.Float32, device: device).DetachFromDisposeScope(); // (1)

    /// <summary>The epoch at work, from 1.</summary>
    public int Epoch => _epoch;

    /// <summary>The next batch of it.</summary>
    public int Batch => _batch;

    /// <summary>Steps of the optimiser, of all epochs together.</summary>
    public long Steps => _steps;

    /// <summary>Cases of the epoch so far.</summary>
    public long Cases => _cases;

    /// <summary>The sum of their losses: (1).</summary>
    public Tensor LossSum { get; }

    /// <summary>The time that the epoch had taken when it was broken off.</summary>
    public TimeSpan EpochTime => _epochTime;

    /// <summary>The time that the whole training had taken then.</summary>
    public TimeSpan Time => _time;

    /// <summary>Every finished epoch.</summary>
    public IReadOnlyList<SsnaTrainingProgress> Epochs => [.. _epochs.Select(epoch => epoch.Progress())];

    /// <summary>Whether no gradients of an unfinished step are under way.</summary>
    public bool IsBetweenSteps { get; private set; } = true;

    /// <summary>A batch is done, and with the last one of a step the step.</summary>
    public void Did(int cases, bool step)
    {
        _batch++;
        _cases += cases;
        _steps += step ? 1 : 0;
        IsBetweenSteps = step;
    }

    /// <summary>An epoch is done and validated; the next begins.</summary>
    public void Finished(SsnaTrainingProgress epoch)
    {
        _epochs.Add(SavedEpoch.Of(epoch));
        (_epoch, _batch, _cases, _epochTime) = (_epoch + 1, 0, 0, TimeSpan.Zero);
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        LossSum.zero_();
    }

    /// <summary>Says how long it took so far, before it is written down.</summary>
    public void Tell(TimeSpan ofEpoch, TimeSpan ofAll) => (_epochTime, _time) = (ofEpoch, ofAll);

    public void Visit(StateVisitor visitor)
    {
        visitor.Value("epoch", ref _epoch);
        visitor.Value("batch", ref _batch);
        visitor.Value("steps", ref _steps);
        visitor.Value("cases", ref _cases);
        visitor.Value("epoch.time", ref _epochTime);
        visitor.Value("time", ref _time);
        visitor.Value("epochs", ref _epochs);
        visitor.Tensor("loss.sum", LossSum);
    }

    public void Dispose() => LossSum.Dispose();
}
