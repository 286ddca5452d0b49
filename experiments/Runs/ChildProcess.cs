using System.Diagnostics;
using System.Text.Json;

namespace Experiments.Runs;

/// <summary>
/// Runs a hidden verb of this program in a process of its own: peak memory is a process's, and what one run leaves in the native
/// allocator would slow or swell the next. The request goes in as JSON; lines come out as they are printed.
/// </summary>
internal static class ChildProcess
{
    /// <exception cref="InvalidOperationException">The process failed; the message is what it said last.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the process was ended.</exception>
    public static async Task RunAsync<TRequest>(
        string verb,
        TRequest request,
        Action<string> print,
        CancellationToken cancellation
    )
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [typeof(ChildProcess).Assembly.Location, verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        var errors = new List<string>();
        process.OutputDataReceived += (_, line) => Take(line.Data, print);
        process.ErrorDataReceived += (_, line) => Take(line.Data, errors.Add);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await JsonSerializer.SerializeAsync(
                process.StandardInput.BaseStream,
                request,
                JsonFiles.Compact,
                cancellation
            );
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                errors.Count > 0 ? string.Join('\n', errors) : $"the process ended with {process.ExitCode}"
            );
        }
    }

    private static void Take(string? line, Action<string> to)
    {
        if (!string.IsNullOrEmpty(line))
        {
            to(line);
        }
    }
}
