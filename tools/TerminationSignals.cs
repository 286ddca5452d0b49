using System.CommandLine;
using System.Runtime.InteropServices;

namespace Tools;

/// <summary>
/// Turns Ctrl+C and SIGTERM, by which schedulers and containers stop jobs, into a cancellation: the command ends by itself, with
/// its files whole. A second signal ends the process at once.
/// </summary>
/// <remarks>
/// In place of System.CommandLine's own handler, which gives a command two seconds and then ends in an unhandled exception.
/// </remarks>
internal sealed class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    private TerminationSignals() =>
        _registrations = [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal =>
                PosixSignalRegistration.Create(signal, Cancel)
            ),
        ];

    /// <summary>Parses and runs a command line; gives its exit code.</summary>
    public static async Task<int> InvokeAsync(RootCommand root, string[] arguments)
    {
        using var signals = new TerminationSignals();
        var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
        return await root.Parse(arguments).InvokeAsync(configuration, signals._source.Token);
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
        _source.Dispose();
    }
}
