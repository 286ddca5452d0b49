using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Testing;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>
/// Clients that ask examples/ShardedShop: one silo with the whole catalogue, then three with four shards of it, at rest, while another
/// model goes in, and while one is killed.
/// </summary>
internal static class ShardsRun
{
    private const int Clients = 32;

    public static Command Command()
    {
        var items = new Option<int>("--items")
        {
            Description =
                "Random weights and as many items; 0 for the model of the sample shop, for which LiveShop is asked too.",
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "How long each measurement takes.",
            DefaultValueFactory = _ => 20,
        };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var command = new Command("shards", "Many clients of silos that have a catalogue in parts.")
        {
            items,
            seconds,
            json,
        };
        command.SetAction(
            async (given, _) =>
            {
                var results = new Results("shards");
                using var folder = new TemporaryFolder();
                string? model =
                    given.GetValue(items) > 0 ? SaveRandom(given.GetValue(items), folder["random.zip"]) : null;
                double time = given.GetValue(seconds);
                using (var one = ShardedShopProcess.Start(folder["one"], model, silos: 1, shards: 1))
                {
                    using var load = new HttpLoad([one.Silos[0].Address], Items(model ?? folder["one", "sample.zip"]));
                    await AtRestAsync("one silo", load, time, results);
                    Memory("one silo", one, results);
                }
                if (model is null)
                {
                    model = folder["one", "sample.zip"];
                    using LiveShopProcess shop = LiveShopProcess.Start(model);
                    using var load = new HttpLoad([shop.Address], Items(model));
                    await AtRestAsync("live shop", load, time, results);
                }
                using (var three = ShardedShopProcess.Start(folder["three"], model, silos: 3, shards: 4))
                {
                    using var load = new HttpLoad(three.Silos.Select(silo => silo.Address), Items(model));
                    await AtRestAsync("three silos", load, time, results);
                    Memory("three silos", three, results);
                    await load.MeasureAsync("a new model", Clients, time, results, () => three.PublishAsync(model));
                    Memory("after a new model", three, results);
                    await load.MeasureAsync("one is killed", Clients, time, results, () => KillAsync(three.Silos[1]));
                    Uri[] left = [three.Silos[0].Address, three.Silos[2].Address];
                    using var later = new HttpLoad(left, Items(model));
                    await later.MeasureAsync("after that", Clients, time, results);
                }
                results.Write(given.GetValue(json));
            }
        );
        return command;
    }

    private static string SaveRandom(int items, string path)
    {
        using ServedModel random = ServedModel.Random(new MLContext(seed: 1), items, users: 1);
        random.Transformer.Save(path);
        return path;
    }

    private static IReadOnlyList<string> Items(string path)
    {
        using SsnaTransformer model = SsnaTransformer.Load(new MLContext(), path);
        return model.GetItemIds<string>();
    }

    private static async Task AtRestAsync(string name, HttpLoad load, double seconds, Results results)
    {
        await load.MeasureAsync("warming", Clients, seconds / 3, results: null);
        await load.MeasureAsync($"{name}, 1 client", 1, seconds, results);
        await load.MeasureAsync($"{name}, {Clients} clients", Clients, seconds, results);
    }

    private static Task KillAsync(ShardedShopProcess.Silo silo)
    {
        silo.Process.Kill();
        return Task.CompletedTask;
    }

    private static void Memory(string name, ShardedShopProcess shop, Results results)
    {
        for (int i = 0; i < shop.Silos.Length; i++)
        {
            results.Add($"{name}: memory of silo {i + 1}", shop.Silos[i].ResidentMegabytes, "MB");
        }
    }
}
