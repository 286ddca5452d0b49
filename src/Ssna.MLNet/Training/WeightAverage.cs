using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>
/// An exponential average of the weights over the steps. Until 1 / (1 - decay) steps are over it is their plain mean, so
/// that the random weights of the start have no part in it.
/// </summary>
internal sealed class WeightAverage(ParameterBuffer parameters, double decay) : IDisposable
{
    private readonly Tensor _average = parameters.Trained.clone().DetachFromDisposeScope(); // (M)
    private int _steps;

    /// <summary>Takes the weights in, behind a step.</summary>
    public void Add()
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        double kept = Math.Min(decay, _steps / (_steps + 1.0));
        _steps++;
        _average.MultiplyInPlace((float)kept).AddInPlace(parameters.Trained, (float)(1 - kept));
    }

    /// <summary>Puts the average in the weights' place, until what it returns is disposed.</summary>
    public IDisposable Use()
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor trained = parameters.Trained.clone().DetachFromDisposeScope();
        parameters.Trained.copy_(_average);
        return new Loan(parameters, trained);
    }

    public void Visit(StateVisitor visitor)
    {
        visitor.Value("average.steps", ref _steps);
        visitor.Tensor("average.weights", _average);
    }

    public void Dispose() => _average.Dispose();

    private sealed class Loan(ParameterBuffer parameters, Tensor trained) : IDisposable
    {
        public void Dispose()
        {
            using var _ = TensorState.Frozen();
            using var scope = NewDisposeScope();
            parameters.Trained.copy_(trained);
            trained.Dispose();
        }
    }
}
