using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

/// <summary>Cross entropy of the softmax of a block of logits, and its gradient by them.</summary>
internal static class SoftmaxGradient
{
    /// <summary>Finds both, and takes the logits' memory for the gradient where it can.</summary>
    /// <returns>
    /// The sum of the rows' losses, (1), float32; and the gradient by the logits, as exact as they are: (b, C'), zeros from C on.
    /// </returns>
    public static (Tensor Loss, Tensor Gradient) Differentiate(LogitBlock block) =>
        block.Logits is { device_type: DeviceType.CPU, dtype: ScalarType.Float32 or ScalarType.BFloat16 }
            ? InMemory(block)
            : ByTensors(block);

    // A CPU waits for memory before it waits for anything else: each row is read once, and all is done while it is in the cache.
    internal static (Tensor Loss, Tensor Gradient) InMemory(LogitBlock block)
    {
        double loss = SoftmaxRows.Differentiate(block);
        return (TensorArithmetic.Filled([1], (float)loss, ScalarType.Float32), block.Logits);
    }

    /// <summary>The same for any device, by operations on whole blocks.</summary>
    internal static (Tensor Loss, Tensor Gradient) ByTensors(LogitBlock block)
    {
        using var scope = NewDisposeScope();
        float smoothing = block.Smoothing;
        Tensor logits = block.Logits.to(ScalarType.Float32); // (b, C')
        Tensor real = logits.narrow(1, 0, block.Candidates); // (b, C)
        logits.narrow(1, block.Candidates, logits.shape[1] - block.Candidates).FillInPlace(float.NegativeInfinity);
        if (block.Bias is not null)
        {
            real.AddInPlace(block.Bias);
        }
        if (block.Masked is not null)
        {
            real.MaskInPlace(block.Masked, float.NegativeInfinity);
        }
        Tensor target = block.Targets.unsqueeze(1); // (b, 1)
        Tensor gradient = logits.log_softmax(1); // (b, C')
        Tensor logProbability = gradient.narrow(1, 0, block.Candidates); // (b, C)
        Tensor loss = logProbability.gather(1, target).sum().MultiplyInPlace(smoothing - 1).view(1); // (1)
        Tensor? spread = smoothing > 0 ? Spread(block) : null; // (1) or (b, C)
        if (spread is not null)
        {
            loss.sub_(
                block.Masked is null
                    ? logProbability.sum() * spread // (1)
                    : logProbability.Masked(block.Masked, 0).mul_(spread).sum()
            );
        }
        gradient.exp_();
        if (spread is not null)
        {
            logProbability.sub_(spread);
        }
        gradient.scatter_add_(1, target, TensorArithmetic.FilledLike(target, smoothing - 1, ScalarType.Float32));
        return (loss.MoveToOuterDisposeScope(), gradient.to(block.Logits.dtype).MoveToOuterDisposeScope());
    }

    // What smoothing asks of each candidate: an equal share of a row's unmasked ones.
    private static Tensor Spread(LogitBlock block)
    {
        if (block.Masked is null)
        {
            float share = block.Smoothing / block.Candidates;
            return TensorArithmetic.Filled([1], share, ScalarType.Float32, block.Logits.device); // (1)
        }
        Tensor open = block.Masked.logical_not(); // (b, C)
        Tensor shares = open.to(ScalarType.Float32).MultiplyInPlace(block.Smoothing); // (b, C)
        return shares.div_(open.sum(1, keepdim: true));
    }
}
