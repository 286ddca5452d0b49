using System.Diagnostics;

namespace Ssna.MLNet.Testing;

/// <summary>Runs a program that may hang or fill the memory, and ends it where it does.</summary>
public static class LimitedProcess
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    /// <summary>What became of a program.</summary>
    /// <param name="ExitCode">Its exit code; above 128 where a signal ended it.</param>
    /// <param name="Output">What it wrote, line by line.</param>
    /// <param name="Errors">What it wrote to the error stream.</param>
    /// <param name="Ended">The limit that it was ended at, or null: "memory" or "time".</param>
    public sealed record Result(int ExitCode, IReadOnlyList<string> Output, string Errors, string? Ended);

    /// <summary>Runs a program of .NET.</summary>
    /// <param name="program">The path of its .dll.</param>
    /// <param name="megabytes">The most of physical memory that it may take.</param>
    /// <param name="time">The longest that it may go without writing a line.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Result Run(string program, int megabytes, TimeSpan time, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Many of them beside other tests: threads that spin would take what these wait for.
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start)!;
        var lines = new List<string>();
        long last = Stopwatch.GetTimestamp();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not null)
            {
                lines.Add(line.Data);
                Interlocked.Exchange(ref last, Stopwatch.GetTimestamp());
            }
        };
        process.BeginOutputReadLine();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string? ended = null;
        while (!process.WaitForExit(s_interval))
        {
            ended =
                WorkingSet(process) > megabytes * 1_000_000L ? "memory"
                : Stopwatch.GetElapsedTime(Interlocked.Read(ref last)) > time ? "time"
                : null;
            if (ended is not null)
            {
                process.Kill(entireProcessTree: true);
                break;
            }
        }
        process.WaitForExit();
        return new Result(process.ExitCode, lines, errors.GetAwaiter().GetResult(), ended);
    }

    private static long WorkingSet(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // It has just ended.
        }
    }
}
