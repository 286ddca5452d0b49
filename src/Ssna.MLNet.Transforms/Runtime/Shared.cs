namespace Ssna.MLNet.Runtime;

/// <summary>
/// Something with native memory that several transformers use: a catalogue is changed without copying the model. The last
/// one to dispose of it frees it.
/// </summary>
/// <param name="value">What is shared; taken over.</param>
internal sealed class Shared<T>(T value) : IDisposable
    where T : class
{
    private int _users = 1;

    public T Value => value;

    /// <summary>One user more, who disposes of it as well.</summary>
    public Shared<T> Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            (value as IDisposable)?.Dispose();
        }
    }
}
