using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Ssna.MLNet.Benchmarks.WholeRuns;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>
/// Clients on loopback that ask examples/LiveShop, a process of its own, one request after another each: requests a second, how
/// long they take, and whether the server's memory stays what it is.
/// </summary>
internal static class LoadRun
{
    private const int WarmUp = 500;
    private const int FewestRequests = 20_000; // so that each part has some

    public static Command Command()
    {
        var requests = new Option<int>("--requests")
        {
            DefaultValueFactory = _ => 100_000,
            Description = "In all; the server's memory is compared with that at a tenth of them.",
        };
        requests.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() < FewestRequests)
            {
                given.AddError($"Expected --requests of at least {FewestRequests}.");
            }
        });
        var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 32 };
        var model = new Option<string?>("--model") { Description = "The server's model; trained there without it." };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var command = new Command("load", "Many clients of the live shop, with 1 at a time and with many.")
        {
            requests,
            clients,
            model,
            json,
        };
        command.SetAction(
            async (arguments, cancellation) =>
            {
                var results = new Results("load");
                using LiveShopProcess server = LiveShopProcess.Start(arguments.GetValue(model));
                using var client = new HttpClient(
                    new SocketsHttpHandler { MaxConnectionsPerServer = arguments.GetValue(clients) }
                )
                {
                    BaseAddress = server.Address,
                };
                byte[][] bodies = await BodiesAsync(client, cancellation);
                int failed = 0;
                int tenth = arguments.GetValue(requests) / 10;
                await AskAsync(client, bodies, 1, WarmUp, Failed, cancellation);
                await Measure("1 client", 1, (tenth / 2) - WarmUp);
                await Measure("warming", arguments.GetValue(clients), tenth / 2, tell: false);
                double early = server.ResidentMegabytes;
                await Measure($"{arguments.GetValue(clients)} clients", arguments.GetValue(clients), 9 * tenth);
                double late = server.ResidentMegabytes;
                results.Add("failed requests", failed, "");
                results.Add($"server's memory at {tenth} requests", early, "MB");
                results.Add($"server's memory at {10 * tenth} requests", late, "MB");
                results.Add("growth", 100 * (late - early) / early, "%");
                results.Write(arguments.GetValue(json));

                void Failed() => Interlocked.Increment(ref failed);

                async Task Measure(string name, int clients, int count, bool tell = true)
                {
                    long start = Stopwatch.GetTimestamp();
                    double[] milliseconds = await AskAsync(client, bodies, clients, count, Failed, cancellation);
                    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    if (tell)
                    {
                        HttpLoad.Tell(results, name, milliseconds, seconds);
                    }
                }
            }
        );
        return command;
    }

    /// <summary>Sends requests from several clients, each its next one once it has the answer.</summary>
    /// <param name="client">What they send by.</param>
    /// <param name="bodies">What they send, in turn.</param>
    /// <param name="clients">How many there are.</param>
    /// <param name="count">Requests in all.</param>
    /// <param name="fail">Called for every request that is not answered, or not well.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How long each took, in milliseconds.</returns>
    private static async Task<double[]> AskAsync(
        HttpClient client,
        byte[][] bodies,
        int clients,
        int count,
        Action fail,
        CancellationToken cancellation
    )
    {
        var milliseconds = new double[count];
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync, cancellation)));
        return milliseconds;

        async Task ClientAsync()
        {
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                long start = Stopwatch.GetTimestamp();
                if (!await HttpLoad.TryAskAsync(client, bodies[i % bodies.Length], cancellation))
                {
                    fail();
                }
                milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }
    }

    /// <summary>Questions of histories of random items and lengths.</summary>
    private static async Task<byte[][]> BodiesAsync(HttpClient client, CancellationToken cancellation)
    {
        var items = new List<string>();
        int total = int.MaxValue;
        while (items.Count < total)
        {
            JsonElement page = await client.GetFromJsonAsync<JsonElement>(
                $"api/items?take=60&skip={items.Count}",
                cancellation
            );
            total = page.GetProperty("total").GetInt32();
            items.AddRange(
                page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)
            );
        }
        return HttpLoad.Bodies(items);
    }
}
