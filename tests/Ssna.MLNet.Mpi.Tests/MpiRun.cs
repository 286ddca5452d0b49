using System.Globalization;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Mpi;

/// <summary>Runs tests/Ssna.MLNet.MpiProcess on several ranks of this machine.</summary>
internal static class MpiRun
{
    /// <summary>What a run gave.</summary>
    /// <param name="ExitCode">The launcher's.</param>
    /// <param name="Lines">What ranks said, in their order.</param>
    /// <param name="Errors">What went to the error stream, and what else was said.</param>
    public sealed record Result(int ExitCode, string[] Lines, string Errors);

    /// <summary>Runs it to its end; the test is inconclusive where the launcher is missing.</summary>
    public static Result Run(string launcher, int ranks, params string[] arguments)
    {
        RequireLauncher(launcher);
        string[] own = launcher.Contains("openmpi", StringComparison.Ordinal)
            ? ["--allow-run-as-root", "--oversubscribe", "--mca", "mpi_yield_when_idle", "1"]
            : [];
        string[] count = ["-n", ranks.ToString(CultureInfo.InvariantCulture)];
        return Run(launcher, [.. own, .. count, "dotnet", Program, .. arguments]);
    }

    /// <summary>Runs it as one process that no launcher started.</summary>
    public static Result RunAlone(params string[] arguments) => Run("dotnet", [Program, .. arguments]);

    private static string Program =>
        Path.Combine(FreshProcess.FolderOf("Ssna.MLNet.MpiProcess"), "Ssna.MLNet.MpiProcess.dll");

    private static Result Run(string command, string[] arguments)
    {
        // A launcher may give its ranks a terminal, which .NET greets.
        (int exitCode, string output, string errors) = Command.Run(command, arguments, new() { ["TERM"] = "dumb" });
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new(
            exitCode,
            [.. lines.Where(line => line.StartsWith("rank ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)],
            errors + "\n" + output
        );
    }

    private static void RequireLauncher(string launcher)
    {
        bool found = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, launcher)));
        if (!found)
        {
            Assert.Inconclusive(
                $"MPI is missing: '{launcher}' is not on this machine; Debian's openmpi-bin and mpich bring it."
            );
        }
    }
}
