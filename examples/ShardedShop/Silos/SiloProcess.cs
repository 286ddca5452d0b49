using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ShardedShop.Silos;

/// <summary>A silo in a process of its own, which ends with this one, however this one ends.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly Process _process;
    private readonly SiloSettings _settings;

    private SiloProcess(Process process, SiloSettings settings) => (_process, _settings) = (process, settings);

    /// <summary>Where it is asked.</summary>
    public Uri Address => new($"http://127.0.0.1:{_settings.HttpPort}");

    /// <summary>Where silos that join its cluster find it, if it is the first.</summary>
    public int Port => _settings.Port;

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>Starts one and waits until it serves.</summary>
    /// <param name="folder">The store of models.</param>
    /// <param name="primary">The first silo of the cluster; null for one that is the first.</param>
    /// <param name="httpPort">Where it is to be asked; null for a port that is free.</param>
    /// <param name="threads">The threads of the tensor library: silos that share a machine share its cores.</param>
    /// <param name="cancellation">Ends the wait, and the process.</param>
    /// <exception cref="InvalidOperationException">It ended before it served.</exception>
    public static async Task<SiloProcess> StartAsync(
        string folder,
        SiloProcess? primary,
        int? httpPort,
        int threads,
        CancellationToken cancellation
    )
    {
        int port = FreePort();
        var settings = new SiloSettings(folder, httpPort ?? FreePort(), port, primary?.Port ?? port);
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string program = typeof(SiloProcess).Assembly.Location;
        var start = new ProcessStartInfo(dotnet, [program, "silo", .. settings.ToArguments()])
        {
            RedirectStandardInput = true,
            Environment = { ["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture) },
        };
        Process process = Process.Start(start)!;
        var silo = new SiloProcess(process, settings);
        try
        {
            await silo.ServesAsync(cancellation);
            return silo;
        }
        catch
        {
            silo.Dispose();
            throw;
        }
    }

    /// <summary>Has it leave the cluster: what it holds goes to others, and what it was asked is answered.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
    }

    /// <summary>As kill -9 ends it.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private async Task ServesAsync(CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = Address };
        while (true)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"The silo ended with code {_process.ExitCode} before it served.");
            }
            try
            {
                using HttpResponseMessage answer = await client.GetAsync("health", cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(100, cancellation);
        }
    }

    /// <summary>A port that nobody listens at, for the moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
