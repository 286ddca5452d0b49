using Microsoft.ML.Transforms;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>How one forward pass is computed: in which precision, and with which noise.</summary>
/// <param name="precision">The number format of the large matrix products; sums and results are float32 in all of them.</param>
/// <param name="noise">Dropout and routing noise while training; null otherwise.</param>
/// <param name="run">What stops a pass that takes long.</param>
internal sealed class ForwardPass(ComputePrecision precision, TrainingNoise? noise, RunContext? run = null)
{
    private readonly ScalarType? _reduced = precision switch
    {
        ComputePrecision.Float32 => null,
        ComputePrecision.BFloat16 => ScalarType.BFloat16,
        ComputePrecision.Float16 => ScalarType.Float16,
        _ => throw new ArgumentOutOfRangeException(
            nameof(precision),
            precision,
            "Expected a precision that is chosen."
        ),
    };

    /// <summary>float32 without noise: what scores are made with.</summary>
    public static readonly ForwardPass Exact = new(ComputePrecision.Float32, null);

    /// <summary>Dropout and routing noise, or null outside training.</summary>
    public TrainingNoise? Noise => noise;

    /// <summary>The same with other noise.</summary>
    public ForwardPass With(TrainingNoise? other) => new(precision, other, run);

    /// <summary>The same, stopped as <paramref name="other"/> says.</summary>
    public ForwardPass With(RunContext other) => new(precision, noise, other);

    /// <summary>Throws where the pass is to be stopped.</summary>
    public void CheckAlive() => run?.CheckAlive();

    /// <summary>What products make of <paramref name="x"/> before they read it, for one that several of them read.</summary>
    public Tensor Operand(Tensor x)
    {
        if (_reduced is not { } reduced)
        {
            return x;
        }
        SignalStack.Ensure();
        return x.to(reduced);
    }

    /// <summary>a b, for another product to read: as exact as the products' operands are.</summary>
    public Tensor MultiplyToOperand(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return Operand(a).matmul(Operand(b)).MoveToOuterDisposeScope();
    }

    /// <summary>a b, over leading dimensions where there are any.</summary>
    public Tensor Multiply(Tensor a, Tensor b)
    {
        if (_reduced is null)
        {
            return a.matmul(b);
        }
        using var scope = NewDisposeScope(); // rounded tensors that autograd does not keep go at once
        return MultiplyToOperand(a, b).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Adds <paramref name="factor"/> times the product of two matrices to a third.</summary>
    public void AddProduct(Tensor sum, Tensor a, Tensor b, float factor)
    {
        if (_reduced is null)
        {
            sum.addmm_(a, b, beta: 1, alpha: factor);
        }
        else
        {
            sum.AddInPlace(Multiply(a, b), factor);
        }
    }

    /// <summary>x weight^T + bias, with the weight (out, in) as PyTorch's Linear has it.</summary>
    public Tensor Linear(Tensor x, Tensor weight, Tensor? bias)
    {
        if (_reduced is null)
        {
            return nn.functional.linear(x, weight, bias);
        }
        using var scope = NewDisposeScope();
        return LinearToOperand(x, weight, bias).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>The same, for another product to read: as exact as the products' operands are.</summary>
    public Tensor LinearToOperand(Tensor x, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        Tensor? shift = bias is null ? null : Operand(bias);
        return nn.functional.linear(Operand(x), Operand(weight), shift).MoveToOuterDisposeScope();
    }

    /// <summary>Dropout of <paramref name="share"/> while training; <paramref name="x"/> itself otherwise.</summary>
    public Tensor Dropout(Tensor x, float share) => noise is null || share == 0 ? x : x * noise.Keep(x, share);
}
