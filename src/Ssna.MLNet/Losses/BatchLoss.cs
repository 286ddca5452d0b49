using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

/// <summary>A loss at work in one training, on one device.</summary>
internal abstract class BatchLoss : IDisposable
{
    /// <summary>The items that targets are told apart from.</summary>
    /// <param name="items">The embeddings of the batch's items: (V, d).</param>
    /// <param name="batch">The batch.</param>
    /// <returns>(C, d).</returns>
    public abstract Tensor Candidates(Tensor items, LossInput batch);

    /// <summary>What some of the batch's cases add to the mean loss of all, and its gradients.</summary>
    /// <param name="users">User embeddings of length 1, one for each of <see cref="LossInput.Own"/>: (p, d).</param>
    /// <param name="candidates">What <see cref="Candidates"/> gave, of length 1: (C, d).</param>
    /// <param name="batch">The batch.</param>
    /// <param name="pass">How to compute.</param>
    public abstract LossGradients Compute(Tensor users, Tensor candidates, LossInput batch, ForwardPass pass);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A batch on the device.</summary>
/// <param name="Candidates">As <see cref="BatchCases.Candidates"/>.</param>
/// <param name="Own">The cases that the loss is computed for: all P of the batch, or what one rank has of them.</param>
/// <param name="Targets">As <see cref="BatchCases.Targets"/>: (P), int64.</param>
/// <param name="Users">As <see cref="BatchCases.Users"/>: (P), int64.</param>
/// <param name="Negatives">As <see cref="BatchCases.Negatives"/>: (K), int64.</param>
/// <param name="Seen">As <see cref="BatchCases.Seen"/>, int64; null where that was not asked for.</param>
/// <param name="Items">The catalogue indexes of the batch's items: (V), int64; null for the whole catalogue.</param>
internal readonly record struct LossInput(
    int Candidates,
    Part Own,
    Tensor Targets,
    Tensor Users,
    Tensor Negatives,
    Tensor? Seen,
    Tensor? Items
)
{
    /// <summary>The targets of <see cref="Own"/>: (p), int64.</summary>
    public Tensor OwnTargets() => Targets.narrow(0, Own.First, Own.Count);
}

/// <summary>A loss and its gradients.</summary>
/// <param name="Loss">0-dimensional.</param>
/// <param name="Users">By the users' embeddings: (p, d).</param>
/// <param name="Candidates">By the candidates': (C, d); zeros where those ask for no gradient and the users do.</param>
internal readonly record struct LossGradients(Tensor Loss, Tensor Users, Tensor Candidates)
{
    public LossGradients MoveToOuterDisposeScope() =>
        new(Loss.MoveToOuterDisposeScope(), Users.MoveToOuterDisposeScope(), Candidates.MoveToOuterDisposeScope());
}
