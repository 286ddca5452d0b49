using System.Diagnostics;
using System.Text.Json;
using Ssna.MLNet.Benchmarks.WholeRuns;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>
/// Clients on loopback that ask servers for recommendations, one request after another each. A client whose request fails asks the next
/// server, as behind a load balancer, and stays with it.
/// </summary>
internal sealed class HttpLoad : IDisposable
{
    private const int LongestHistory = 20;
    private const int Histories = 2000;

    private readonly HttpClient[] _servers;
    private readonly byte[][] _bodies;

    /// <param name="servers">Where they are.</param>
    /// <param name="items">Of what histories are made, at random.</param>
    public HttpLoad(IEnumerable<Uri> servers, IReadOnlyList<string> items)
    {
        _servers = [.. servers.Select(server => new HttpClient { BaseAddress = server })];
        _bodies = Bodies(items);
    }

    /// <summary>Questions of histories of random items and lengths.</summary>
    public static byte[][] Bodies(IReadOnlyList<string> items)
    {
        var random = new Random(1);
        return
        [
            .. Enumerable
                .Range(0, Histories)
                .Select(_ => Enumerable.Range(0, random.Next(1, LongestHistory + 1)))
                .Select(history => history.Select(_ => items[random.Next(items.Count)]))
                .Select(history => JsonSerializer.SerializeToUtf8Bytes(new { history = history.ToArray(), k = 10 })),
        ];
    }

    /// <summary>Asks for a time, or for as long as something else takes, and tells how it went.</summary>
    /// <param name="name">How the figures are called.</param>
    /// <param name="clients">How many clients.</param>
    /// <param name="seconds">For how long at least.</param>
    /// <param name="results">Where the figures go; null for nowhere.</param>
    /// <param name="meanwhile">What happens meanwhile, from a quarter of the time on.</param>
    public async Task MeasureAsync(
        string name,
        int clients,
        double seconds,
        Results? results,
        Func<Task>? meanwhile = null
    )
    {
        long start = Stopwatch.GetTimestamp();
        using var stop = new CancellationTokenSource();
        Task<Client>[] running =
        [
            .. Enumerable.Range(0, clients).Select(i => Task.Run(() => AskAsync(i, start, stop.Token))),
        ];
        if (meanwhile is not null)
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds / 4));
            long began = Stopwatch.GetTimestamp();
            await meanwhile();
            results?.Add($"{name}: it took", Stopwatch.GetElapsedTime(began).TotalSeconds, "s");
        }
        TimeSpan left = TimeSpan.FromSeconds(seconds) - Stopwatch.GetElapsedTime(start);
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        stop.Cancel();
        Client[] ended = await Task.WhenAll(running);
        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] milliseconds = [.. ended.SelectMany(client => client.Milliseconds)];
        if (results is null)
        {
            return;
        }
        Tell(results, name, milliseconds, took);
        double[] failures = [.. ended.SelectMany(client => client.Failures)];
        results.Add($"{name}: attempts that failed", failures.Length, "");
        if (failures.Length > 0)
        {
            results.Add($"{name}: the last of them, from the start", failures.Max(), "s");
        }
    }

    public void Dispose() => Array.ForEach(_servers, server => server.Dispose());

    private async Task<Client> AskAsync(int client, long start, CancellationToken stop)
    {
        var all = new Client([], []);
        int server = client % _servers.Length;
        for (int i = client; !stop.IsCancellationRequested; i++)
        {
            long asked = Stopwatch.GetTimestamp();
            while (!await TryAskAsync(_servers[server], _bodies[i % _bodies.Length], CancellationToken.None))
            {
                all.Failures.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                server = (server + 1) % _servers.Length;
            }
            all.Milliseconds.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }
        return all;
    }

    /// <summary>Adds how many requests a second were answered, and how long they took.</summary>
    /// <param name="results">Where the figures go.</param>
    /// <param name="name">How they are called.</param>
    /// <param name="milliseconds">How long each took; sorted here.</param>
    /// <param name="seconds">How long all took.</param>
    public static void Tell(Results results, string name, double[] milliseconds, double seconds)
    {
        Array.Sort(milliseconds);
        results.Add($"{name}: requests a second", milliseconds.Length / seconds, "");
        results.Add($"{name}: median", Median.Of(milliseconds), "ms");
        results.Add($"{name}: 99th percentile", milliseconds[milliseconds.Length * 99 / 100], "ms");
        results.Add($"{name}: longest", milliseconds[^1], "ms");
    }

    /// <summary>Asks a server once, and says whether it answered well.</summary>
    public static async Task<bool> TryAskAsync(HttpClient server, byte[] request, CancellationToken cancellation)
    {
        using var body = new ByteArrayContent(request);
        body.Headers.ContentType = new("application/json");
        try
        {
            using HttpResponseMessage answer = await server.PostAsync("api/recommendations", body, cancellation);
            await answer.Content.ReadAsByteArrayAsync(cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <param name="Milliseconds">How long each request took until it was answered.</param>
    /// <param name="Failures">When attempts failed, in seconds from the start.</param>
    private sealed record Client(List<double> Milliseconds, List<double> Failures);
}
