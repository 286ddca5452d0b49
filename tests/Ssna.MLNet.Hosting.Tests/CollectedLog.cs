using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Ssna.MLNet.Hosting.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class CollectedLog : ILogger, ILoggerProvider
{
    public ConcurrentQueue<(LogLevel Level, string Message)> Lines { get; } = new();

    public int Count(LogLevel level) => Lines.Count(line => line.Level == level);

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => Lines.Enqueue((logLevel, formatter(state, exception)));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose() { }
}
