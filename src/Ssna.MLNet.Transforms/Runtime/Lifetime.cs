namespace Ssna.MLNet.Runtime;

/// <summary>
/// Native memory that one object owns and calls of several threads use: it is freed when the owner has ended and the last
/// call that was in flight then has returned.
/// </summary>
/// <param name="owner">The type that users know, for the exception.</param>
/// <param name="free">Frees the memory; called once.</param>
internal sealed class Lifetime(Type owner, Action free)
{
    private readonly Lock _gate = new();
    private int _uses;
    private bool _ended;

    /// <summary>Whether the owner has ended.</summary>
    public bool HasEnded => Volatile.Read(ref _ended);

    /// <summary>Begins a use, which keeps the memory until it is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The owner has ended.</exception>
    public Use Begin()
    {
        lock (_gate)
        {
            ThrowIfEnded();
            _uses++;
        }
        return new Use(this);
    }

    /// <exception cref="ObjectDisposedException">The owner has ended.</exception>
    public void ThrowIfEnded() => ObjectDisposedException.ThrowIf(HasEnded, owner);

    /// <summary>No use begins any more; frees the memory now, or when the last use ends. Any number of times.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }
            Volatile.Write(ref _ended, true);
            if (_uses > 0)
            {
                return;
            }
        }
        free();
    }

    private void EndUse()
    {
        lock (_gate)
        {
            if (--_uses > 0 || !_ended)
            {
                return;
            }
        }
        free();
    }

    /// <summary>A call in flight.</summary>
    public sealed class Use(Lifetime lifetime) : IDisposable
    {
        private Lifetime? _lifetime = lifetime;

        /// <summary>Any number of times, and from any thread.</summary>
        public void Dispose() => Interlocked.Exchange(ref _lifetime, null)?.EndUse();
    }
}
