using System.Diagnostics;
using System.Net;
using ShardedShop.Silos;
using Ssna.MLNet.Testing;

namespace ShardedShop.Tests;

/// <summary>The program as README starts it, but for the number of silos and their ports.</summary>
[TestClass]
public sealed class StartTests
{
    private const string Serves = "serves at ";

    [TestMethod]
    public async Task One_line_starts_a_cluster_which_another_gives_a_model_and_which_ends_when_the_program_does()
    {
        using TemporaryFolder folder = RunningCluster.TrainedModel(out string model);
        string[] store = ["--folder", folder["store"]];
        int port = SiloProcess.FreePort();
        using Process program = Run([.. store, "--model", model, "--silos", "2", "--http", $"{port}"]);
        var addresses = new List<Uri>();
        try
        {
            while (
                await program.StandardOutput.ReadLineAsync() is { } line
                && !line.StartsWith("Ctrl+C", StringComparison.Ordinal)
            )
            {
                int at = line.IndexOf(Serves, StringComparison.Ordinal);
                if (at >= 0)
                {
                    addresses.Add(new Uri(line[(at + Serves.Length)..]));
                }
            }
            Assert.HasCount(2, addresses);
            foreach (Uri address in addresses)
            {
                using var client = new HttpClient { BaseAddress = address };
                Assert.AreEqual("1", (await Visitors.AskAsync(client, ["A1003"]))!.Version);
            }

            using Process publish = Run(["publish", model, .. store, "--at", $"{addresses[1]}"]);
            string said = await publish.StandardOutput.ReadToEndAsync();
            await publish.WaitForExitAsync();
            Assert.AreEqual(0, publish.ExitCode, said);
            using var other = new HttpClient { BaseAddress = addresses[0] };
            Assert.AreEqual("2", (await Visitors.AskAsync(other, ["A1003"]))!.Version);
        }
        finally
        {
            program.Kill(); // as a machine does that has no memory left: it has no time to end its silos
            await program.WaitForExitAsync();
        }
        foreach (Uri address in addresses)
        {
            using var client = new HttpClient { BaseAddress = address };
            using var longest = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (await AnswersAsync(client))
            {
                await Task.Delay(100, longest.Token);
            }
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync("health");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Process Run(string[] arguments) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [typeof(SiloProcess).Assembly.Location, .. arguments])
            {
                RedirectStandardOutput = true,
            }
        )!;
}
