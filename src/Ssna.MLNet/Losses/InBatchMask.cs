using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

/// <summary>
/// Which targets of a batch are no negatives of a row: those equal to its own, those of the same user (the paper's negatives
/// are other users' next items), and, if asked for, those that the row's history holds. A row's own target always stays.
/// </summary>
internal sealed class InBatchMask
{
    private readonly Tensor _items; // (T)
    private readonly Tensor _users; // (T)
    private readonly Tensor? _seen; // (T, T)

    /// <param name="items">Each row's target: (T).</param>
    /// <param name="users">Each row's user: (T).</param>
    /// <param name="seen">r * T + c for every target c that row r has seen; null to let them be negatives.</param>
    public InBatchMask(Tensor items, Tensor users, Tensor? seen)
    {
        (_items, _users) = (items, users);
        if (seen is not null)
        {
            long count = items.shape[0];
            _seen = zeros(count * count, dtype: ScalarType.Bool, device: items.device)
                .FillInPlace(0, seen, true)
                .view(count, count); // (T, T)
        }
    }

    /// <summary>The mask of some rows: (count, T).</summary>
    public Tensor Rows(long from, long count)
    {
        using var scope = NewDisposeScope();
        Tensor masked = _items.narrow(0, from, count).unsqueeze(1).eq(_items); // (count, T)
        masked.logical_or_(_users.narrow(0, from, count).unsqueeze(1).eq(_users));
        if (_seen is not null)
        {
            masked.logical_or_(_seen.narrow(0, from, count));
        }
        masked.narrow(1, from, count).diagonal().FillInPlace(false);
        return masked.MoveToOuterDisposeScope();
    }
}
