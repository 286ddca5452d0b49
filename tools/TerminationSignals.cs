using System.CommandLine;
using System.CommandLine.Parsing;
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
    /// <summary>The exit code of a command line that cannot be read, as of most programs.</summary>
    public const int WrongUsage = 2;

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
        return await InvokeAsync(root, arguments, new InvocationConfiguration(), signals._source.Token);
    }

    /// <summary>The same where somebody else listens to signals, or nobody.</summary>
    /// <param name="root">The command.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="configuration">Where it writes.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<int> InvokeAsync(
        RootCommand root,
        string[] arguments,
        InvocationConfiguration configuration,
        CancellationToken cancellation
    )
    {
        configuration.ProcessTerminationTimeout = null;
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        // System.CommandLine would print its help on standard output, where a program is waiting for something else.
        foreach (ParseError error in parsed.Errors)
        {
            await configuration.Error.WriteLineAsync(error.Message);
        }
        await configuration.Error.WriteLineAsync($"'{PathOf(parsed.CommandResult)} --help' says how it is used.");
        return WrongUsage;
    }

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : result.Command.Name;

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
