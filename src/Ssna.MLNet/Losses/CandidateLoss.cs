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
        long rowsOfBlock = blockRows ?? LossBlocks.Rows(users.device, aligned.shape[0], rowByRow: true);
        for (long from = 0; from < rows; from += rowsOfBlock)
        {
            using var block = NewDisposeScope();
            long count = Math.Min(rowsOfBlock, rows - from);
            Tensor user = users.narrow(0, from, count); // (b, d)
            var logits = new LogitBlock(
                pass.MultiplyToOperand(user.Over(temperature), operand.t()), // (b, C')
                columns,
                targets.narrow(0, from, count), // (b)
                bias,
                mask?.Invoke(from, count), // (b, C)
                smoothing
            );
            (Tensor blockLoss, Tensor factor) = SoftmaxGradient.Differentiate(logits); // (1), (b, C')
            loss.AddInPlace(blockLoss);
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
}
