using System.Text.Json;
using Experiments.Retrain;
using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Testing;

namespace Experiments.Tests.Retrain;

[TestClass]
public sealed class RetrainRunTests
{
    [TestMethod]
    public void Every_training_is_measured_and_a_second_run_trains_none_again()
    {
        using TemporaryFolder folder = TinyShop.Write();
        RetrainFigures[] first = Run(folder);
        CollectionAssert.AreEqual(
            new[]
            {
                "the 80 %",
                "the 90 %, anew",
                "gone on, LearningRate 0.001",
                "gone on",
                "gone on, ItemEncoder frozen",
                "gone on, SequenceModel frozen",
            },
            first.Select(row => row.Name).ToArray()
        );
        Assert.IsTrue(first.All(row => row.RecallAt10 is > 0 and <= 1 && row.Seconds > 0 && row.Epochs == 2));
        string[] models = Directory.GetFiles(folder["models"]);
        Assert.HasCount(first.Length, models);
        DateTime[] written = [.. models.Select(File.GetLastWriteTimeUtc)];
        CollectionAssert.AreEqual(first, Run(folder));
        CollectionAssert.AreEqual(written, models.Select(File.GetLastWriteTimeUtc).ToArray());
    }

    [TestMethod]
    public void Users_are_cut_at_80_and_at_90_percent_and_tested_on_the_item_after()
    {
        var mlContext = new MLContext();
        var rows = new[] { ("long", 20), ("short", 5) }.SelectMany(user =>
            Enumerable
                .Range(1, user.Item2)
                .Select(i => new
                {
                    User = user.Item1,
                    Item = $"{i}",
                    Time = (long)i,
                })
        );
        var data = new RetrainData(mlContext, mlContext.Data.LoadFromEnumerable(rows));
        CollectionAssert.AreEqual(new[] { 16, 4 }, Lengths(data.Yesterday));
        CollectionAssert.AreEqual(new[] { 18, 4 }, Lengths(data.Today));
        CollectionAssert.AreEqual(new[] { 18, 4 }, Lengths(data.Test));
        CollectionAssert.AreEqual(new[] { "19", "5" }, data.Test.GetColumn<string>("Label").ToArray());
        Assert.AreEqual((20, 2), (data.OldInteractions, data.NewInteractions));

        static int[] Lengths(IDataView view) =>
            [.. view.GetColumn<string[]>("Sequence").Select(sequence => sequence.Length)];
    }

    private static RetrainFigures[] Run(TemporaryFolder folder)
    {
        var settings = new RetrainSettings
        {
            Data = folder.Path,
            Model = folder["encoder"],
            Rates = [1e-3f],
            Epochs = 2,
            Dimension = 16,
            Seed = 1,
            Threads = 1,
            Output = folder["models"],
            Json = folder["figures.json"],
        };
        Assert.AreEqual(0, new RetrainRun(settings, CancellationToken.None).Execute());
        return JsonSerializer.Deserialize<RetrainFigures[]>(
            File.ReadAllText(folder["figures.json"]),
            JsonFiles.Options
        )!;
    }
}
