using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Ssna.MLNet.Benchmarks.WholeRuns;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>The sharded shop's program, and the silos that it has started.</summary>
internal sealed partial class ShardedShopProcess : IDisposable
{
    private readonly Process _program;
    private readonly string _folder;

    private ShardedShopProcess(Process program, string folder, Silo[] silos) =>
        (_program, _folder, Silos) = (program, folder, silos);

    /// <param name="Process">Its process.</param>
    /// <param name="Address">Where it is asked.</param>
    public sealed record Silo(Process Process, Uri Address)
    {
        /// <summary>What it has in memory now, in megabytes (10^6 bytes).</summary>
        public double ResidentMegabytes => Machine.ResidentMegabytesOf(Process);
    }

    /// <summary>The silos; the first keeps the list of all.</summary>
    public Silo[] Silos { get; }

    /// <summary>Starts silos and waits until they answer.</summary>
    /// <param name="folder">Where they keep their models in parts.</param>
    /// <param name="model">The model; null for that of the sample shop, which is trained and kept there as <c>sample.zip</c>.</param>
    /// <param name="silos">How many silos.</param>
    /// <param name="shards">How many parts.</param>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public static ShardedShopProcess Start(string folder, string? model, int silos, int shards)
    {
        string[] arguments = ["--folder", folder, "--silos", $"{silos}", "--shards", $"{shards}"];
        Process program = Run(model is null ? arguments : [.. arguments, "--model", model]);
        var started = new List<Silo>();
        while (started.Count < silos)
        {
            string line =
                program.StandardOutput.ReadLine()
                ?? throw new InvalidOperationException("The sharded shop ended before it answered.");
            if (Serves().Match(line) is { Success: true } serves)
            {
                int process = int.Parse(serves.Groups["process"].Value, CultureInfo.InvariantCulture);
                started.Add(new(Process.GetProcessById(process), new Uri(serves.Groups["address"].Value)));
            }
        }
        // What it writes later is read as well: a full pipe would stop it.
        _ = program.StandardOutput.ReadToEndAsync();
        return new(program, folder, [.. started]);
    }

    /// <summary>Has another model served, in four parts, by a third process.</summary>
    public async Task PublishAsync(string model)
    {
        using Process publish = Run(["publish", model, "--folder", _folder, "--at", $"{Silos[0].Address}"]);
        string said = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        if (publish.ExitCode != 0)
        {
            throw new InvalidOperationException(said);
        }
    }

    public void Dispose()
    {
        // The silos end when the program does.
        _program.Kill();
        foreach (Silo silo in Silos)
        {
            silo.Process.WaitForExit();
            silo.Process.Dispose();
        }
        _program.Dispose();
    }

    private static Process Run(string[] arguments) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [ExampleProgram.Find("ShardedShop"), .. arguments])
            {
                RedirectStandardOutput = true,
            }
        )!;

    [GeneratedRegex("process (?<process>[0-9]+), serves at (?<address>.+)")]
    private static partial Regex Serves();
}
