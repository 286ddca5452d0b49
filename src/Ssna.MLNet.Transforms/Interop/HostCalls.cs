using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>What ML.NET has for hosts and channels but keeps internal, for code that uses no internals of it.</summary>
internal static class HostCalls
{
    /// <summary>The exception for data that cannot be worked with.</summary>
    public static Exception Fault(this IExceptionContext context, string message) => context.Except(message);

    /// <inheritdoc cref="Fault(IExceptionContext, string)"/>
    public static Exception Fault(this IExceptionContext context, Exception cause, string message) =>
        context.Except(cause, message);

    /// <exception cref="OperationCanceledException">The MLContext's work was cancelled.</exception>
    public static void ThrowIfCancelled(this IHost host) => Contracts.CheckAlive(host);

    /// <summary>Writes a line to the log, as it is.</summary>
    public static void Tell(this IChannel channel, string line) => channel.Info(line);

    /// <summary>The same, as a warning.</summary>
    public static void Warn(this IChannel channel, string line) => channel.Warning(line);
}
