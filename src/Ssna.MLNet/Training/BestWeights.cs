using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>The weights of the best epoch so far.</summary>
/// <param name="parameters">The weights in training.</param>
internal sealed class BestWeights(ParameterBuffer parameters) : IDisposable
{
    private Tensor? _kept; // (M)
    private int _epoch;
    private double _recall = double.NegativeInfinity;
    private RepeatWeights? _repeats;

    /// <summary>The epoch that they come from, from 1; 0 before there is one.</summary>
    public int Epoch => _epoch;

    /// <summary>Its validation Recall@10.</summary>
    public double Recall => _recall;

    /// <summary>What repeats add to their scores, or null.</summary>
    public RepeatWeights? Repeats => _repeats;

    /// <summary>Keeps a copy of the weights as they are.</summary>
    public void Keep(int epoch, ValidationFigures figures)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        (_epoch, _recall, _repeats) = (epoch, figures.Recall, figures.Repeats);
        Kept().copy_(parameters.Trained);
    }

    /// <summary>Gives the weights the values that were kept, and ends their training.</summary>
    public void Restore()
    {
        using var _ = TensorState.Frozen();
        parameters.DropGradients();
        parameters.Trained.copy_(_kept!);
    }

    public void Visit(StateVisitor visitor)
    {
        visitor.Value("best.epoch", ref _epoch);
        visitor.Value("best.recall", ref _recall);
        visitor.Value("best.repeats", ref _repeats);
        if (_epoch > 0)
        {
            visitor.Tensor("best.weights", Kept());
        }
    }

    private Tensor Kept() => _kept ??= empty_like(parameters.Trained).DetachFromDisposeScope(); // (M)

    public void Dispose() => _kept?.Dispose();
}
