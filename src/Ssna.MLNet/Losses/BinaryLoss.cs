using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

/// <summary>Binary cross entropy of a target and of negatives that all rows share, with its gradient, block by block of rows.</summary>
/// <param name="temperature">What cosines are divided by.</param>
/// <param name="positiveWeight">What the target's part of the loss is multiplied by.</param>
/// <param name="offset">What every logit loses.</param>
/// <param name="blockRows">Rows at a time; null for what suits the device.</param>
internal sealed class BinaryLoss(float temperature, float positiveWeight, float offset, int? blockRows = null)
{
    /// <summary>What rows add to the mean loss of a batch, and its gradients.</summary>
    /// <param name="users">User embeddings of length 1: (T, d).</param>
    /// <param name="candidates">Item embeddings of length 1: (C, d).</param>
    /// <param name="targets">The candidate that followed in each row: (T), int64.</param>
    /// <param name="times">How often each candidate is a negative of every row but those whose target it is: (C).</param>
    /// <param name="cases">Rows of the whole batch.</param>
    /// <param name="pass">How to compute.</param>
    public LossGradients Compute(
        Tensor users,
        Tensor candidates,
        Tensor targets,
        Tensor times,
        long cases,
        ForwardPass pass
    )
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        long rows = users.shape[0];
        float scale = 1 / (temperature * cases);
        Tensor weights = times.to(ScalarType.Float32); // (C)
        Tensor loss = zeros(1, dtype: ScalarType.Float32, device: users.device);
        Tensor userGradient = zeros_like(users); // (T, d)
        // Where the items are frozen, nothing waits for theirs.
        bool itemsFrozen = users.requires_grad && !candidates.requires_grad;
        Tensor candidateGradient = zeros_like(candidates); // (C, d)
        Tensor operand = pass.Operand(candidates); // (C, d)
        long rowsOfBlock = blockRows ?? LossBlocks.Rows(users.device, candidates.shape[0]);
        for (long from = 0; from < rows; from += rowsOfBlock)
        {
            using var block = NewDisposeScope();
            long count = Math.Min(rowsOfBlock, rows - from);
            Tensor user = users.narrow(0, from, count); // (b, d)
            Tensor target = targets.narrow(0, from, count).unsqueeze(1); // (b, 1)
            Tensor logits = pass.Multiply(user.Over(temperature), operand.t()).SubtractInPlace(offset); // (b, C)
            Tensor positive = logits.gather(1, target); // (b, 1)
            // The target's own column leaves the negatives' sum: softplus(-inf) is 0, and so is its sigmoid.
            logits.scatter_(1, target, TensorArithmetic.FilledLike(positive, float.NegativeInfinity, positive.dtype));
            loss.AddInPlace(positive.neg().Softplus().sum().MultiplyInPlace(positiveWeight));
            loss.AddInPlace(logits.Softplus().mul_(weights).sum());
            Tensor gradient = logits.sigmoid_().mul_(weights); // (b, C)
            gradient.scatter_(1, target, positive.neg().sigmoid_().MultiplyInPlace(-positiveWeight));
            Tensor factor = pass.Operand(gradient); // (b, C)
            pass.AddProduct(userGradient.narrow(0, from, count), factor, operand, scale);
            if (!itemsFrozen)
            {
                pass.AddProduct(candidateGradient, factor.t(), user, scale);
            }
        }
        return new LossGradients(
            loss.DivideInPlace(cases).squeeze(0),
            userGradient,
            candidateGradient
        ).MoveToOuterDisposeScope();
    }
}
