using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Selection;

public sealed partial class SsnaGridSearchTests
{
    [TestMethod]
    public void Two_searches_in_one_process_do_not_share_a_folder_at_once()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useful));
        options.Trainer.MaximumEpochs = 1;
        options.Folder = folder["search"];
        int asked = 0;
        options.Progress = new Calling<SsnaSearchProgress>(_ =>
        {
            asked++;
            SsnaGridSearch.Options second = Options(LearningRates(Useful, Useless));
            second.Trainer.MaximumEpochs = 1;
            second.Folder = folder["search"];
            StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => Fit(second)).Message, "search.lock");
            // Another search is told of what differs rather than to wait.
            second.Trainer.Dimension = 32;
            StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => Fit(second)).Message, "Dimension");
        });
        Fit(options).Dispose();
        Assert.AreEqual(1, asked);
        options.Progress = null;
        Fit(options).Dispose(); // once the first has ended
    }

    [TestMethod]
    public void A_search_of_another_process_is_refused_until_that_process_has_ended_however()
    {
        NewProcess.RequireBuilt();
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useful));
        options.Trainer.MaximumEpochs = 1;
        options.Folder = folder["search"];
        Fit(options).Dispose();
        using Process other = FreshProcess.Hold(Path.Combine(folder["search"], "search.lock"));
        try
        {
            StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => Fit(options)).Message, "search.lock");
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }
        Fit(options).Dispose();
    }

    [TestMethod]
    public void What_a_killed_search_left_half_written_is_cleaned_away()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useful));
        options.Trainer.MaximumEpochs = 1;
        options.Folder = folder["search"];
        Directory.CreateDirectory(folder["search"]);
        File.WriteAllText(folder["search", "search.json.1.partial"], "{");
        File.WriteAllText(folder["search", "0123456789abcdef.zip.1.partial"], "half a model");
        Fit(options).Dispose();
        Assert.IsEmpty(Directory.GetFiles(folder["search"], "*.partial"));
    }

    [TestMethod]
    public void A_trial_that_was_changed_by_hand_or_comes_from_elsewhere_is_not_believed()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useful));
        options.Trainer.MaximumEpochs = 1;
        options.Folder = folder["search"];
        Fit(options).Dispose();
        string file = Trial("search");
        string written = File.ReadAllText(file);

        var changed = JsonNode.Parse(written)!;
        changed["ValidationRecallAt10"] = 1.0;
        File.WriteAllText(file, changed.ToJsonString());
        Refused();

        // The same point of another search.
        options.Folder = folder["other"];
        options.Trainer.Seed = 4;
        Fit(options).Dispose();
        (options.Folder, options.Trainer.Seed) = (folder["search"], 3);
        File.Copy(Trial("other"), file, overwrite: true);
        Refused();

        File.WriteAllText(file, written);
        Fit(options).Dispose();
        Assert.HasCount(2, _epochs, "nothing was trained but the two searches");

        void Refused()
        {
            var error = Assert.Throws<InvalidDataException>(() => Fit(options));
            StringAssert.Contains(error.Message, Path.GetFileName(file));
            StringAssert.Contains(error.Message, "changed");
        }

        string Trial(string search) =>
            Directory.GetFiles(folder[search], "*.json").Single(path => Path.GetFileName(path) != "search.json");
    }
}
