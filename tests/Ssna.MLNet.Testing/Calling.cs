namespace Ssna.MLNet.Testing;

/// <summary>Progress that is told of at once and on the reporting thread, where <see cref="Progress{T}"/> waits for another.</summary>
/// <param name="report">Called with every report.</param>
public sealed class Calling<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
