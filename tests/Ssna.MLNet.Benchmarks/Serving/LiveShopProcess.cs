using System.Diagnostics;
using Ssna.MLNet.Benchmarks.WholeRuns;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>The live shop, on a port of the system's choice.</summary>
internal sealed class LiveShopProcess : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;

    private LiveShopProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    /// <summary>What it has in memory now, in megabytes (10^6 bytes).</summary>
    public double ResidentMegabytes => Machine.ResidentMegabytesOf(_process);

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="model">The model's .zip; null for the shop's own, which it trains where there is none.</param>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public static LiveShopProcess Start(string? model)
    {
        string program = ExampleProgram.Find("LiveShop");
        var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
        };
        if (model is not null)
        {
            start.ArgumentList.Add("--model");
            start.ArgumentList.Add(model);
        }
        Process process = Process.Start(start)!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            int at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at >= 0)
            {
                // What it writes later is read as well: a full pipe would stop it.
                _ = process.StandardOutput.ReadToEndAsync();
                return new(process, new Uri(line[(at + Listening.Length)..]));
            }
        }
        throw new InvalidOperationException($"'{program}' ended before it answered.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
