using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Experiments.Tests;

[TestClass]
public sealed class TrainRunTests
{
    [TestMethod]
    public void A_run_writes_its_figures_and_a_model_that_loads()
    {
        using TemporaryFolder folder = TinyShop.Write();
        int exitCode = TrainRun.Execute(Settings(folder), CancellationToken.None);
        Assert.AreEqual(0, exitCode);

        using var json = JsonDocument.Parse(File.ReadAllText(folder["figures.json"]));
        JsonElement figures = json.RootElement;
        Assert.AreEqual("paper", figures.GetProperty("preset").GetString());
        Assert.AreEqual(7, figures.GetProperty("seed").GetInt32());
        Assert.AreEqual(2, figures.GetProperty("epochs_run").GetInt32());
        Assert.IsInRange(1, 2, figures.GetProperty("best_epoch").GetInt32());
        Assert.AreEqual(8, figures.GetProperty("extraction_tokens").GetInt64() / 3, "eight texts of three tokens");
        foreach (string name in new[] { "seconds_per_epoch", "seconds_total", "extraction_seconds", "peak_memory_mb" })
        {
            Assert.IsGreaterThan(0, figures.GetProperty(name).GetDouble(), name);
        }
        foreach (string split in new[] { "validation", "test" })
        {
            foreach (string protocol in new[] { "all", "exclude_seen" })
            {
                foreach (string metric in new[] { "recall@10", "recall@50", "ndcg@10", "ndcg@50" })
                {
                    double value = figures.GetProperty(split).GetProperty(protocol).GetProperty(metric).GetDouble();
                    Assert.IsInRange(0.0, 1.0, value);
                }
            }
        }

        using var model = (SsnaTransformer)new MLContext().Model.Load(folder["model.zip"], out _);
        Assert.HasCount(3, model.Recommend(["1", "2"], k: 3));
        Assert.IsEmpty(Directory.GetFiles(folder.Path, "*.partial"));
    }

    [TestMethod]
    public void A_folder_without_its_tables_is_named()
    {
        using TemporaryFolder folder = TinyShop.Write();
        File.Delete(folder["items.tsv"]);
        Exception error = Assert.ThrowsExactly<FileNotFoundException>(() =>
            TrainRun.Execute(Settings(folder), CancellationToken.None)
        );
        StringAssert.Contains(error.Message, "items.tsv");
    }

    private static TrainSettings Settings(TemporaryFolder folder) =>
        new()
        {
            Data = folder.Path,
            Model = folder["encoder"],
            Training = new()
            {
                Preset = "paper",
                Layers = 2,
                Epochs = 2,
                Seed = 7,
                Precision = ComputePrecision.Float32,
                Cache = folder["cache"],
            },
            Out = folder["model.zip"],
            Json = folder["figures.json"],
        };
}
