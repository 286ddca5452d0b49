namespace Ssna.MLNet.Runtime;

/// <summary>
/// The cancellation of who reads data views, made known to the transformers that he reads through: one call of a getter may
/// compute for minutes, and ML.NET's getters take no token.
/// </summary>
/// <remarks>
/// Who asks for a cursor is its reader, on whichever thread it is read: ML.NET fills its caches on threads of a pool of its
/// own, to which no execution context flows.
/// </remarks>
internal sealed class ReaderCancellation : IDisposable
{
    private static readonly AsyncLocal<ReaderCancellation?> s_current = new();

    private readonly ReaderCancellation? _outer = s_current.Value;
    private readonly Action _check;
    private readonly bool _alone;
    private volatile bool _ended;

    private ReaderCancellation(Action check, bool alone) => (_check, _alone) = (check, alone);

    /// <summary>Who reads at present; null for somebody unknown. For cursors, when they are made.</summary>
    public static ReaderCancellation? Current => s_current.Value;

    /// <summary>Begins a reading, which ends when the result is disposed of.</summary>
    /// <param name="check">Throws to stop; called on the threads that read.</param>
    /// <param name="alone">Whether the tokens that transformers were made with do not count meanwhile.</param>
    public static ReaderCancellation Begin(Action check, bool alone = false) =>
        s_current.Value = new ReaderCancellation(check, alone);

    /// <summary>Called by a transformer now and then while it computes.</summary>
    /// <param name="reader">Who asked for the cursor.</param>
    /// <param name="own">The token that the transformer was made with.</param>
    /// <exception cref="OperationCanceledException">The reader, or the token where it counts, asks to stop.</exception>
    public static void ThrowIfRequested(ReaderCancellation? reader, CancellationToken own)
    {
        bool alone = false;
        for (; reader is not null; reader = reader._outer)
        {
            // A cursor may outlive the reading that it was made for, and then works for others: that of a cache, for one.
            if (!reader._ended)
            {
                reader._check();
                alone |= reader._alone;
            }
        }
        if (!alone)
        {
            own.ThrowIfCancellationRequested();
        }
    }

    public void Dispose()
    {
        _ended = true;
        s_current.Value = _outer;
    }
}
