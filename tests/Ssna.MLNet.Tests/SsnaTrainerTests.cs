using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class SsnaTrainerTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Learns_the_rule_that_the_users_follow()
    {
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(RingShop.Options<string>(_context))
            .Fit(RingShop.TrainingUsers<string>(_context));
        int right = 0;
        for (int from = 0; from < RingShop.ItemCount; from++)
        {
            string[] history = [.. RingShop.Walk(from, 5).Select(RingShop.Id<string>)];
            string next = RingShop.Id<string>((from + 5) % RingShop.ItemCount);
            right += model.Recommend(history, 3).Any(best => best.Item == next) ? 1 : 0;
        }
        Assert.IsGreaterThan(RingShop.ItemCount / 2, right, "chance finds three");
        Assert.AreEqual(model.Training.BestEpoch, model.Training.Epochs[^1].BestEpoch);
        Assert.IsGreaterThan(0.5, model.Training.Epochs[model.Training.BestEpoch - 1].ValidationRecallAt10);
    }

    [TestMethod]
    [DataRow("text")]
    [DataRow("integer")]
    [DataRow("key")]
    public void Passes_the_checks_of_every_estimator(string ids)
    {
        if (ids == "integer")
        {
            Check<int>(RingShop.Items<int>(_context), RingShop.TrainingUsers<int>(_context, 40));
            return;
        }
        IDataView items = RingShop.Items<string>(_context);
        IDataView users = RingShop.TrainingUsers<string>(_context, 40);
        if (ids == "key")
        {
            // The keys of the two are numbered differently; the key values decide.
            items = _context.Transforms.Conversion.MapValueToKey("Item").Fit(items).Transform(items);
            users = _context.Transforms.Conversion.MapValueToKey("Sequence").Fit(users).Transform(users);
        }
        Check<string>(items, users);
    }

    private void Check<T>(IDataView items, IDataView users)
    {
        SsnaTrainer.Options options = RingShop.Options<T>(_context);
        options.Items = items;
        options.MaximumEpochs = 1;
        EstimatorChecks.Run(
            _context,
            _context.Recommendation().Trainers.Ssna(options),
            users,
            (_context.Data.LoadFromEnumerable([new { Basket = new[] { 1 } }]), ["Sequence"]),
            (_context.Data.LoadFromEnumerable([new { Sequence = 1f }]), ["Sequence", "Single"]),
            (_context.Data.LoadFromEnumerable([new { Sequence = new[] { 1.0 } }]), ["Sequence", "Double"]),
            (_context.Data.LoadFromEnumerable([new { Sequence = new[] { (byte)1 } }]), ["Sequence", "Byte"])
        );
    }

    [TestMethod]
    public void Works_in_a_chain_behind_other_estimators()
    {
        IDataView users = RingShop.TrainingUsers<string>(_context, 40);
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.SequenceColumnName = "Taken";
        options.MaximumEpochs = 1;
        var chain = _context
            .Transforms.CopyColumns("Taken", "Sequence")
            .Append(_context.Recommendation().Trainers.Ssna(options))
            .AppendCacheCheckpoint(_context)
            .Append(_context.Transforms.CopyColumns("Best", "RecommendedItems"));
        var model = chain.Fit(users);
        using (model)
        {
            using var loaded = (IDisposable)EstimatorChecks.SaveAndLoad(_context, model, users.Schema, out _);
            CollectionAssert.AreEqual(
                DataViews.Lines(model.Transform(users)).ToArray(),
                DataViews.Lines(((ITransformer)loaded).Transform(users)).ToArray()
            );
        }
    }

    [TestMethod]
    public void Short_overload_takes_the_names_and_sizes_given()
    {
        IDataView items = _context
            .Transforms.CopyColumns("Id", "Item")
            .Append(_context.Transforms.CopyColumns("Vectors", "Layers"))
            .Fit(RingShop.Items<int>(_context))
            .Transform(RingShop.Items<int>(_context));
        IDataView users = RingShop.TrainingUsers<int>(_context, 30);
        users = _context.Transforms.CopyColumns("Taken", "Sequence").Fit(users).Transform(users);
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(items, "Taken", "Id", "Vectors", layerCount: 1, topK: 3, maximumEpochs: 1)
            .Fit(users);
        Assert.HasCount(3, model.Recommend([1001]));
        Assert.HasCount(1, model.Training.Epochs);
    }

    [TestMethod]
    public void Equal_seeds_give_equal_models_also_side_by_side()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 2;
        options.SASRec().Dropout = 0.3f;
        IDataView users = RingShop.TrainingUsers<string>(_context, 60);
        SsnaTrainer trainer = _context.Recommendation().Trainers.Ssna(options);
        string[][] scores = new string[3][];
        Parallel.For(
            0,
            scores.Length,
            i =>
            {
                using SsnaTransformer model = trainer.Fit(users);
                scores[i] = [.. DataViews.Values(model.Transform(users), "Score")];
            }
        );
        CollectionAssert.AreEqual(scores[0], scores[1]);
        CollectionAssert.AreEqual(scores[0], scores[2]);
        options.Seed = 4;
        using SsnaTransformer other = _context.Recommendation().Trainers.Ssna(options).Fit(users);
        CollectionAssert.AreNotEqual(scores[0], DataViews.Values(other.Transform(users), "Score").ToArray());
    }

    [TestMethod]
    public void Seed_is_that_of_the_context_where_the_options_have_none()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        IDataView users = RingShop.TrainingUsers<string>(_context, 30);
        IReadOnlyList<string> Scores(int? option, int context)
        {
            options.Seed = option;
            using SsnaTransformer model = new MLContext(context).Recommendation().Trainers.Ssna(options).Fit(users);
            return DataViews.Values(model.Transform(users), "Score");
        }
        CollectionAssert.AreEqual(Scores(9, 1).ToArray(), Scores(null, 9).ToArray());
        CollectionAssert.AreNotEqual(Scores(9, 1).ToArray(), Scores(null, 8).ToArray());
    }

    [TestMethod]
    public void Changes_to_the_options_after_the_call_do_not_reach_the_trainer()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        SsnaTrainer trainer = _context.Recommendation().Trainers.Ssna(options);
        options.SequenceColumnName = "Nowhere";
        using SsnaTransformer model = trainer.Fit(RingShop.TrainingUsers<string>(_context, 30));
        Assert.AreEqual(RingShop.ItemCount, model.ItemCount);
    }

    [TestMethod]
    public void Epochs_are_logged_and_reported()
    {
        var lines = new List<string>();
        _context.Log += (_, e) => lines.Add($"{e.Source} {e.Kind} {e.RawMessage}");
        var reported = new List<SsnaTrainingProgress>();
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 2;
        options.Progress = new Synchronous(reported);
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(RingShop.TrainingUsers<string>(_context, 30));
        Assert.HasCount(2, reported);
        CollectionAssert.AreEqual(reported, model.Training.Epochs.ToArray());
        Assert.IsTrue(lines.Any(line => line.Contains("Epoch 2") && line.Contains(nameof(SsnaTrainer))));
    }

    [TestMethod]
    public void What_is_not_trained_on_is_logged()
    {
        var lines = new List<string>();
        _context.Log += (_, e) => lines.Add($"{e.Kind} {e.RawMessage}");
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        options.SequenceModel.MaximumSequenceLength = 4;
        // Without the last items, which are held out: 9, 5 and 2 items; a row of one has nothing to learn from.
        IDataView users = RingShop.Users<string>(
            _context,
            RingShop.Walk(0, 10),
            RingShop.Walk(3, 6),
            [RingShop.ItemCount, .. RingShop.Walk(9, 3)], // the first of them is not in the catalogue
            [1]
        );
        using (Fit()) { }
        Assert.Contains(
            "Warning 1 of 21 (4.8 %) items in column 'Sequence' are not in the catalogue; they were skipped.",
            lines
        );
        Assert.ContainsSingle(
            line =>
                line.Contains("3 training sequences of lengths from 2 to 9, quartiles 2, 5, 9")
                && line.Contains("1 of 4 rows"),
            lines
        );
        // Windows of 4 inputs and a target: 8, 4 and 1 cases, of which 4 lie before the longest's last window.
        const string before =
            "4 of 13 (30.8 %) training cases lie before the last window of their sequence, its last 4 items";
        const string all = "13 cases in 4 windows, none lost";
        Said("Info", before, "in earlier windows (option TrainOnEarlierWindows: Auto)", all);
        Said("Info", "Training on 13 cases in 4 windows");

        options.TrainOnEarlierWindows = EarlierWindows.Off;
        using (Fit()) { }
        Said(
            "Warning",
            before,
            "they are lost (option TrainOnEarlierWindows: Off), and trained on are 9 cases in 3 windows"
        );
        Said("Info", "Training on 9 cases in 3 windows");

        options.TrainOnEarlierWindows = EarlierWindows.On;
        options.SequenceModel.MaximumSequenceLength = 7;
        using (Fit()) { }
        Said("Info", "1 of 13 (7.7 %)", "its last 7 items", "(option TrainOnEarlierWindows: On)", all);
        Said("Info", "Training on 13 cases in 4 windows");

        options.TrainOnEarlierWindows = EarlierWindows.Auto;
        using (Fit()) { }
        Said(
            "Info",
            "1 of 13 (7.7 %)",
            "they are lost (option TrainOnEarlierWindows: Auto)",
            "trained on are 12 cases in 3 windows"
        );
        Said("Info", "Training on 12 cases in 3 windows");

        options.SequenceModel.MaximumSequenceLength = 8;
        using (Fit()) { }
        Assert.DoesNotContain(line => line.Contains("TrainOnEarlierWindows"), lines, "nothing is lost");
        Said("Info", "Training on 13 cases in 3 windows");

        void Said(string kind, params string[] parts) =>
            Assert.ContainsSingle(
                line => line.StartsWith(kind, StringComparison.Ordinal) && parts.All(line.Contains),
                lines,
                string.Join('\n', lines)
            );

        SsnaTransformer Fit()
        {
            lines.Clear();
            return _context.Recommendation().Trainers.Ssna(options).Fit(users);
        }
    }

    [TestMethod]
    public void Validation_data_takes_the_place_of_held_out_items()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        options.ValidationSet = _context.Data.LoadFromEnumerable([
            new { Sequence = new[] { "item01", "item02" }, Label = "item03" },
            new { Sequence = new[] { "item01", "item02" }, Label = "nothing we have" },
            new { Sequence = new[] { "nothing we have" }, Label = "item03" },
        ]);
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(RingShop.Users<string>(_context, [0, 1], [2, 3], [4, 5]));
        Assert.AreEqual(3, model.Training.Sequences);
        Assert.AreEqual(1, model.Training.ValidationCases);
    }

    [TestMethod]
    public void No_more_cases_are_validated_on_than_the_options_say()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        Assert.AreEqual(40, Cases(), "the last item of each user");
        options.MaximumValidationCases = 12;
        Assert.AreEqual(12, Cases());
        options.ValidationSet = _context.Data.LoadFromEnumerable(
            Enumerable.Range(0, 30).Select(i => new { Sequence = new[] { "item01" }, Label = RingShop.Id<string>(i) })
        );
        Assert.AreEqual(12, Cases());
        options.MaximumValidationCases = 30;
        Assert.AreEqual(30, Cases());

        int Cases()
        {
            using SsnaTransformer model = _context
                .Recommendation()
                .Trainers.Ssna(options)
                .Fit(RingShop.TrainingUsers<string>(_context, 40));
            return model.Training.ValidationCases;
        }
    }

    [TestMethod]
    public void Stops_for_a_token_and_for_the_context()
    {
        IDataView users = RingShop.TrainingUsers<string>(_context, 30);
        using var source = new CancellationTokenSource();
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.CancellationToken = source.Token;
        options.Progress = new Calling(source.Cancel);
        Assert.Throws<OperationCanceledException>(() => _context.Recommendation().Trainers.Ssna(options).Fit(users));

        options.CancellationToken = default;
        options.Progress = new Calling(() => CancelExecution(_context));
        Assert.Throws<OperationCanceledException>(() => _context.Recommendation().Trainers.Ssna(options).Fit(users));
    }

    [TestMethod]
    public void Keeps_the_best_model_of_a_cancelled_run_where_asked_to()
    {
        using var source = new CancellationTokenSource();
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.CancellationToken = source.Token;
        options.Progress = new Calling(source.Cancel);
        options.KeepBestOnCancellation = true;
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(RingShop.TrainingUsers<string>(_context, 30));
        Assert.AreEqual(1, model.Training.BestEpoch);
        Assert.HasCount(5, model.Recommend(["item01"]));
    }

    [TestMethod]
    public void Keeps_a_model_that_was_finished_as_it_was_cancelled_where_asked_to()
    {
        using var source = new CancellationTokenSource();
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        options.CancellationToken = source.Token;
        options.Progress = new Calling(source.Cancel);
        IDataView users = RingShop.TrainingUsers<string>(_context, 30);
        Assert.Throws<OperationCanceledException>(() => _context.Recommendation().Trainers.Ssna(options).Fit(users));
        options.KeepBestOnCancellation = true;
        using var again = new CancellationTokenSource();
        options.CancellationToken = again.Token;
        options.Progress = new Calling(again.Cancel);
        using SsnaTransformer model = _context.Recommendation().Trainers.Ssna(options).Fit(users);
        Assert.AreEqual(1, model.Training.BestEpoch);
    }

    [TestMethod]
    public void Float16_on_a_cpu_is_refused_before_items_are_read_and_float32_where_the_cpu_stands_in_for_a_gpu()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        (options.MaximumEpochs, options.Precision) = (1, ComputePrecision.Float16);
        IDataView users = RingShop.TrainingUsers<string>(_context, 30);
        var error = Assert.Throws<InvalidOperationException>(() =>
            _context.Recommendation().Trainers.Ssna(options).Fit(users)
        );
        StringAssert.Contains(error.Message, "Float16");
        (options.GpuDeviceId, options.FallbackToCpu) = (99, true);
        using SsnaTransformer model = _context.Recommendation().Trainers.Ssna(options).Fit(users);
        Assert.AreEqual(RingShop.ItemCount, model.ItemCount);
    }

    [TestMethod]
    public void A_gpu_that_is_not_there_is_an_error_or_the_cpu_as_the_context_says()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        options.GpuDeviceId = 99;
        IDataView users = RingShop.TrainingUsers<string>(_context, 30);
        var error = Assert.Throws<InvalidOperationException>(() =>
            _context.Recommendation().Trainers.Ssna(options).Fit(users)
        );
        StringAssert.Contains(error.Message, "99");
        _context.FallbackToCpu = true;
        using SsnaTransformer model = _context.Recommendation().Trainers.Ssna(options).Fit(users);
        Assert.AreEqual(RingShop.ItemCount, model.ItemCount);
    }

    [TestMethod]
    public void A_model_computes_where_the_context_that_loads_it_says()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(RingShop.TrainingUsers<string>(_context, 30));
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.zip");
        model.Save(path);
        var context = new MLContext { GpuDeviceId = 99 };
        Exception error = Assert.Throws<Exception>(() => SsnaTransformer.Load(context, path));
        StringAssert.Contains(error.ToString(), "GPU 99 was asked for");
        context.FallbackToCpu = true;
        var warnings = new List<string>();
        context.Log += (_, entry) => warnings.Add(entry.RawMessage);
        using SsnaTransformer loaded = SsnaTransformer.Load(context, path);
        Assert.Contains(line => line.Contains("the CPU is used instead"), warnings);
        string[] history = [RingShop.Id<string>(1)];
        CollectionAssert.AreEqual(model.Recommend(history, k: 3).ToArray(), loaded.Recommend(history, k: 3).ToArray());
    }

    // Internal to ML.NET: what AutoML calls.
    private static void CancelExecution(MLContext context) =>
        typeof(MLContext)
            .GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!
            .Invoke(context, []);

    private sealed class Synchronous(List<SsnaTrainingProgress> reported) : IProgress<SsnaTrainingProgress>
    {
        public void Report(SsnaTrainingProgress value) => reported.Add(value);
    }

    private sealed class Calling(Action action) : IProgress<SsnaTrainingProgress>
    {
        public void Report(SsnaTrainingProgress value) => action();
    }
}
