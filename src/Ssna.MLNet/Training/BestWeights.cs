using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>The weights of the best epoch so far.</summary>
/// <param name="parameters">The weights in training.</param>
internal sealed class BestWeights(ParameterBuffer parameters) : IDisposable
{
    private Tensor? _kept; // (N)

    /// <summary>The epoch that they come from, from 1; 0 before there is one.</summary>
    public int Epoch { get; private set; }

    /// <summary>Its validation Recall@10.</summary>
    public double Recall { get; private set; } = double.NegativeInfinity;

    /// <summary>Keeps a copy of the weights as they are.</summary>
    public void Keep(int epoch, double recall)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        (Epoch, Recall) = (epoch, recall);
        _kept ??= empty_like(parameters.Values).DetachFromDisposeScope(); // (N)
        _kept.copy_(parameters.Values);
    }

    /// <summary>Gives the weights the values that were kept, and ends their training.</summary>
    public void Restore()
    {
        using var _ = TensorState.Frozen();
        parameters.DropGradients();
        parameters.Values.copy_(_kept!);
    }

    public void Dispose() => _kept?.Dispose();
}
