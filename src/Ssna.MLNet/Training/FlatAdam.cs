using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Adam as PyTorch has it (betas .9 and .999, epsilon 1e-8, no weight decay) over one flat buffer.</summary>
internal sealed class FlatAdam : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    // On a CPU the buffer is walked in pieces that stay in the cache between one operation and the next.
    private const long CpuPiece = 1 << 17;

    private readonly ParameterBuffer _parameters;
    private readonly double _learningRate;
    private readonly Tensor _mean; // (M)
    private readonly Tensor _square; // (M)
    private int _steps;

    public FlatAdam(ParameterBuffer parameters, double learningRate)
    {
        (_parameters, _learningRate) = (parameters, learningRate);
        _mean = zeros_like(parameters.Trained).DetachFromDisposeScope();
        _square = zeros_like(parameters.Trained).DetachFromDisposeScope();
    }

    /// <summary>Moves the weights along their gradients, and sets the gradients to zero.</summary>
    public void Step()
    {
        using var _ = TensorState.Frozen();
        _steps++;
        float stepSize = (float)(_learningRate / (1 - Math.Pow(Beta1, _steps)));
        float correction = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, _steps)));
        long length = _parameters.Trained.shape[0];
        long piece = _parameters.Trained.device_type == DeviceType.CPU ? CpuPiece : length;
        for (long from = 0; from < length; from += piece)
        {
            using var scope = NewDisposeScope();
            long count = Math.Min(piece, length - from);
            Tensor gradient = _parameters.Gradients.narrow(0, from, count);
            Tensor mean = _mean.narrow(0, from, count);
            Tensor square = _square.narrow(0, from, count);
            mean.MultiplyInPlace((float)Beta1).AddInPlace(gradient, (float)(1 - Beta1));
            square.MultiplyInPlace((float)Beta2).AddProductInPlace(gradient, gradient, (float)(1 - Beta2));
            Tensor denominator = square.sqrt().MultiplyInPlace(correction).AddNumberInPlace((float)Epsilon);
            _parameters.Trained.narrow(0, from, count).AddQuotientInPlace(mean, denominator, -stepSize);
            gradient.zero_();
        }
    }

    public void Visit(StateVisitor visitor)
    {
        visitor.Value("adam.steps", ref _steps);
        visitor.Tensor("adam.mean", _mean);
        visitor.Tensor("adam.square", _square);
    }

    public void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
    }
}
