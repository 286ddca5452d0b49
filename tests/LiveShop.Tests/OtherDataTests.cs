using LiveShop.Training;
using Ssna.MLNet.Testing;

namespace LiveShop.Tests;

/// <summary>Any folder with texts can be the shop.</summary>
[TestClass]
public sealed class OtherDataTests
{
    private static readonly string[] s_words = ["lamp", "tent", "pump", "flour", "stand", "torch", "food", "sack"];

    [TestMethod]
    public void A_folder_with_numbers_for_times_is_trained_on_and_sold()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(
            folder["items.tsv"],
            [
                "item\ttext",
                .. Enumerable.Range(0, 40).Select(i => $"{i}\tA {s_words[i % 8]} beside a {s_words[i / 8]} {i}"),
            ]
        );
        File.WriteAllLines(
            folder["interactions.tsv"],
            [
                "user\titem\torder",
                .. Enumerable
                    .Range(0, 60)
                    .SelectMany(user => Enumerable.Range(0, 6).Select(i => $"{user}\t{(user + i) % 40}\t{i}")),
            ]
        );
        var settings = new ShopSettings { Data = folder.Path, Model = folder["model.zip"] };
        var output = new StringWriter();
        FirstModel.EnsureTrained(settings, output, CancellationToken.None);
        Assert.IsTrue(File.Exists(settings.Model));
        ShopShelves shelves = ShopShelves.Read(new Microsoft.ML.MLContext(), folder.Path);
        Assert.HasCount(40, shelves.Stock);
        Assert.IsEmpty(shelves.Groups, "forty texts of one sentence have no departments");
        Assert.AreEqual("A lamp beside a tent 8", shelves["8"].Title);
    }

    [TestMethod]
    public void A_folder_without_items_is_named()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<FileNotFoundException>(() =>
            FirstModel.EnsureTrained(
                new ShopSettings { Data = folder.Path, Model = folder["model.zip"] },
                TextWriter.Null,
                CancellationToken.None
            )
        );
        StringAssert.Contains(error.Message, folder["items.tsv"]);
    }

    [TestMethod]
    public void A_training_that_is_stopped_leaves_no_model()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            FirstModel.EnsureTrained(new ShopSettings { Model = folder["model.zip"] }, TextWriter.Null, stop.Token)
        );
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }
}
