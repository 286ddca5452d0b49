using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Selection;

public sealed partial class SsnaGridSearchTests
{
    [TestMethod]
    public void A_finished_search_is_read_from_its_folder_without_training_and_grows_by_what_is_new()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useless, Useful));
        options.Trainer.MaximumEpochs = 5;
        options.Folder = folder["search"];
        string[] first;
        using (SsnaSearchResult result = Fit(options))
        {
            first = Describe(result);
            Assert.HasCount(1, Directory.GetFiles(folder["search"], "*.zip"), "the best model alone");
        }
        _epochs.Clear();
        using (SsnaSearchResult again = Fit(options))
        {
            Assert.IsEmpty(_epochs);
            CollectionAssert.AreEqual(first, Describe(again));
        }
        options.Axes = [LearningRates(2e-2f, Useless)];
        using (SsnaSearchResult grown = Fit(options))
        {
            Assert.HasCount(5, _epochs);
            CollectionAssert.AreEqual(
                new[] { "0.02", "1E-07", "0.01" },
                grown.Trials.Select(trial => trial.Point["LearningRate"]).ToArray()
            );
            Assert.HasCount(1, Directory.GetFiles(folder["search"], "*.zip"));
        }
    }

    [TestMethod]
    public void A_trial_that_was_broken_off_goes_on_from_its_checkpoint_where_the_trainer_has_a_folder_of_them()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useless, Useful));
        options.Trainer.MaximumEpochs = 3;
        string[] expected;
        using (SsnaSearchResult unbroken = Fit(options))
        {
            expected = Scores(unbroken);
        }
        using var source = new CancellationTokenSource();
        int epochs = 0;
        (options.Folder, options.Trainer.CheckpointFolder) = (folder["search"], folder["checkpoints"]);
        options.Trainer.CancellationToken = source.Token;
        options.Trainer.Progress = new Calling<SsnaTrainingProgress>(_ =>
        {
            if (++epochs == 5)
            {
                source.Cancel(); // within the second trial
            }
        });
        Assert.Throws<OperationCanceledException>(() => Fit(options));
        options.Trainer.CancellationToken = CancellationToken.None;
        using SsnaSearchResult result = Fit(options);
        Assert.AreEqual(6, epochs, "no epoch is trained twice");
        CollectionAssert.AreEqual(expected, Scores(result));

        string[] Scores(SsnaSearchResult found) =>
            [.. DataViews.Lines(found.BestModel.Transform(Users(5)), "RecommendedItems", "RecommendedScores")];
    }

    [TestMethod]
    public void The_model_of_a_finished_search_runs_and_recommends_as_the_present_options_say()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useful));
        options.Trainer.MaximumEpochs = 1;
        options.Folder = folder["search"];
        (options.Trainer.TopK, options.Trainer.ExcludeHistory) = (5, true);
        Fit(options).Dispose();

        (options.Trainer.TopK, options.Trainer.ExcludeHistory) = (RingShop.ItemCount, false);
        using (SsnaSearchResult again = Fit(options))
        {
            Assert.HasCount(RingShop.ItemCount, again.BestModel.Recommend(["item05"]));
            RingShop.Recommendations<string> row = _context
                .Data.CreateEnumerable<RingShop.Recommendations<string>>(again.BestModel.Transform(Users(1)), false)
                .Single();
            Assert.HasCount(RingShop.ItemCount, row.RecommendedItems);
        }
        options.Axes = [LearningRates(Useless)]; // the best trial is none of these points
        using (SsnaSearchResult other = Fit(options))
        {
            Assert.HasCount(RingShop.ItemCount, other.BestModel.Recommend(["item05"]));
        }
        Assert.HasCount(2, _epochs, "one a point, once");

        (options.Trainer.GpuDeviceId, options.Trainer.FallbackToCpu) = (99, false);
        string message = Assert.Throws<Exception>(() => Fit(options)).GetBaseException().Message;
        StringAssert.Contains(message, "GPU 99");
        options.Trainer.FallbackToCpu = true;
        Fit(options).Dispose();
        Assert.IsNull(_context.GpuDeviceId);
        Assert.IsFalse(_context.FallbackToCpu);
    }

    [TestMethod]
    public void A_search_that_was_cancelled_goes_on_where_it_stopped()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useful, Useless, 1e-3f));
        options.Folder = folder["search"];
        using var source = new CancellationTokenSource();
        options.Trainer.CancellationToken = source.Token;
        options.Progress = new Calling<SsnaSearchProgress>(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() => Fit(options));
        Assert.HasCount(2, _epochs);

        // Cancelled again, within the second trial, and asked for what there is.
        using var again = new CancellationTokenSource();
        options.Trainer.CancellationToken = again.Token;
        options.Trainer.KeepBestOnCancellation = true;
        options.Trainer.Progress = new Calling<SsnaTrainingProgress>(epoch =>
        {
            _epochs.Add(epoch);
            again.Cancel();
        });
        using (SsnaSearchResult kept = Fit(options))
        {
            Assert.HasCount(3, _epochs);
            Assert.AreEqual(2, kept.Remaining);
            Assert.HasCount(1, kept.Trials);
        }
        options.Trainer.Progress = new Calling<SsnaTrainingProgress>(_epochs.Add);
        options.Trainer.CancellationToken = default;
        using SsnaSearchResult all = Fit(options);
        Assert.HasCount(7, _epochs);
        Assert.HasCount(3, all.Trials);
        Assert.AreEqual("0.01", all.Best.Point["LearningRate"]);
    }

    [TestMethod]
    public void A_trial_that_was_cut_short_is_no_trial()
    {
        SsnaGridSearch.Options options = Options(LearningRates(Useful, Useless));
        using var source = new CancellationTokenSource();
        options.Trainer.CancellationToken = source.Token;
        options.Trainer.KeepBestOnCancellation = true;
        options.Trainer.Progress = new Calling<SsnaTrainingProgress>(epoch =>
        {
            _epochs.Add(epoch);
            if (_epochs.Count == 3)
            {
                source.Cancel();
            }
        });
        using SsnaSearchResult kept = Fit(options);
        Assert.HasCount(1, kept.Trials);
        Assert.AreEqual(1, kept.Remaining);
    }

    [TestMethod]
    public void The_folder_of_another_search_is_refused_by_what_differs()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(Useful));
        options.Trainer.MaximumEpochs = 1;
        options.Folder = folder["search"];
        Fit(options).Dispose();

        Refuses(o => o.Trainer.Dimension = 32, "Dimension is 16 there and 32 here");
        Refuses(o => o.Trainer.Seed = 4, "Seed is 3 there and 4 here");
        Refuses(o => o.Trainer.Adaptation = new ItemAdaptation.TopMlp(), "Adaptation is Ssna there");
        Refuses(o => o.Axes = [LearningRates(Useful), Layers(1)], "Axes is");
        Refuses(o => o.Folder = folder.Path, "search.json", "'search'");
        options.Folder = folder["search"];
        var error = Assert.Throws<InvalidOperationException>(() => Fit(options, Users(31)));
        StringAssert.Contains(error.Message, "Sequences");

        foreach (string file in Directory.GetFiles(folder["search"], "*.zip"))
        {
            File.Delete(file);
        }
        StringAssert.Contains(Assert.Throws<InvalidDataException>(() => Fit(options)).Message, ".zip");
        File.WriteAllText(folder["search", "search.json"], "{");
        StringAssert.Contains(Assert.Throws<InvalidDataException>(() => Fit(options)).Message, "search.json");

        void Refuses(Action<SsnaGridSearch.Options> change, params string[] words)
        {
            SsnaGridSearch.Options other = Options(LearningRates(Useful));
            other.Trainer.MaximumEpochs = 1;
            other.Folder = folder["search"];
            change(other);
            var error = Assert.Throws<InvalidOperationException>(() => Fit(other));
            StringAssert.Contains(error.Message, "Option Folder");
            foreach (string word in words)
            {
                StringAssert.Contains(error.Message, word);
            }
        }
    }
}
