using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

/// <summary>
/// Cross entropy of cosines over candidates (the paper's equation 8, with the positive below the line), with its gradient.
/// </summary>
/// <remarks>
/// Works block by block of rows and makes the gradient on the way, so that neither the logits of the whole batch nor what
/// autograd would keep of them ever stand in memory.
/// </remarks>
/// <param name="temperature">What cosines are divided by.</param>
/// <param name="smoothing">The share of the target's probability that is spread over the row's candidates.</param>
/// <param name="blockRows">Rows at a time; null for what suits the device.</param>
internal sealed class CandidateLoss(float temperature, float smoothing, int? blockRows = null)
{
    /// <summary>What rows add to the mean loss of a batch, and its gradients.</summary>
    /// <param name="users">User embeddings of length 1: (T, d).</param>
    /// <param name="candidates">Item embeddings of length 1: (C, d).</param>
    /// <param name="targets">The candidate that followed in each row: (T), int64.</param>
    /// <param name="mask">Which candidates are none of a row: (rows, C), bool, for a first row and a count; null for none.</param>
    /// <param name="bias">Added to each candidate's logits: (C); null for none.</param>
    /// <param name="cases">Rows of the whole batch.</param>
    /// <param name="pass">How to compute.</param>
    public LossGradients Compute(
        Tensor users,
        Tensor candidates,
        Tensor targets,
        Func<long, long, Tensor>? mask,
        Tensor? bias,
        long cases,
        ForwardPass pass
    )
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        long rows = users.shape[0];
        float scale = 1 / (temperature * cases);
        Tensor loss = zeros(1, ScalarType.Float32, device: users.device);
        Tensor userGradient = zeros_like(users); // (T, d)
        // Where the items are frozen, nothing waits for theirs.
        bool itemsFrozen = users.requires_grad && !candidates.requires_grad;
        long columns = candidates.shape[0];
        Tensor aligned = Aligned(candidates); // (C', d)
        Tensor candidateGradient = zeros_like(aligned); // (C', d)
        Tensor operand = pass.Operand(aligned); // (C', d)
        long rowsOfBlock = blockRows ?? LossBlocks.Rows(users.device, aligned.shape[0]);
        for (long from = 0; from < rows; from += rowsOfBlock)
        {
            using var block = NewDisposeScope();
            long count = Math.Min(rowsOfBlock, rows - from);
            Tensor user = users.narrow(0, from, count); // (b, d)
            Tensor target = targets.narrow(0, from, count).unsqueeze(1); // (b, 1)
            Tensor product = pass.Multiply(user.Over(temperature), operand.t()); // (b, C')
            product.narrow(1, columns, product.shape[1] - columns).FillInPlace(float.NegativeInfinity);
            Tensor logits = product.narrow(1, 0, columns); // (b, C)
            if (bias is not null)
            {
                logits.AddInPlace(bias);
            }
            Tensor? masked = mask?.Invoke(from, count); // (b, C)
            if (masked is not null)
            {
                logits.MaskInPlace(masked, float.NegativeInfinity);
            }
            Tensor gradient = product.log_softmax(1); // (b, C')
            Tensor logProbability = gradient.narrow(1, 0, columns); // (b, C)
            loss.sub_(logProbability.gather(1, target).sum().MultiplyInPlace(1 - smoothing));
            Tensor? spread = null;
            if (smoothing > 0)
            {
                spread = Spread(logProbability, masked); // (1) or (b, C)
                loss.sub_(
                    masked is null
                        ? logProbability.sum() * spread // (1)
                        : logProbability.Masked(masked, 0).mul_(spread).sum()
                );
            }

            gradient.exp_();
            if (spread is not null)
            {
                logProbability.sub_(spread);
            }
            gradient.scatter_add_(1, target, TensorArithmetic.FilledLike(target, smoothing - 1, ScalarType.Float32));
            Tensor factor = pass.Operand(gradient); // (b, C')
            pass.AddProduct(userGradient.narrow(0, from, count), factor, operand, scale);
            if (!itemsFrozen)
            {
                pass.AddProduct(candidateGradient, factor.t(), user, scale);
            }
        }
        return new LossGradients(
            loss.DivideInPlace(cases).squeeze(0),
            userGradient,
            candidateGradient.narrow(0, 0, columns)
        ).MoveToOuterDisposeScope();
    }

    // Candidates that are none, of zeros, so that rows of logits start at cache lines.
    private static Tensor Aligned(Tensor candidates)
    {
        long more = AlignedRows.Width(candidates.shape[0]) - candidates.shape[0];
        return more == 0
            ? candidates
            : cat([candidates, zeros(more, candidates.shape[1], ScalarType.Float32, device: candidates.device)]); // (C', d)
    }

    // What smoothing asks of each candidate: an equal share of a row's unmasked ones.
    private Tensor Spread(Tensor logits, Tensor? masked)
    {
        if (masked is null)
        {
            return TensorArithmetic.Filled([1], smoothing / logits.shape[1], ScalarType.Float32, logits.device); // (1)
        }
        Tensor open = masked.logical_not().to(ScalarType.Float32); // (b, C)
        return open.MultiplyInPlace(smoothing).div_(masked.logical_not().sum(1, keepdim: true)); // (b, C)
    }
}
