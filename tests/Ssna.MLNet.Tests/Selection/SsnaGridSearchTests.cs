using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Selection;

[TestClass]
public sealed partial class SsnaGridSearchTests
{
    // Steps so small that nothing is learned, or such that the ring is.
    private const float Useless = 1e-7f;
    private const float Useful = 1e-2f;

    private readonly MLContext _context = new(1);
    private readonly List<SsnaTrainingProgress> _epochs = [];
    private readonly List<SsnaSearchProgress> _trials = [];

    [TestMethod]
    public void Finds_the_better_of_two_settings_and_gives_its_model_and_a_table_of_both()
    {
        SsnaGridSearch.Options options = Options(LearningRates(Useless, Useful));
        options.Trainer.MaximumEpochs = 12;
        using SsnaSearchResult result = Fit(options);

        Assert.AreEqual("0.01", result.Best.Point["LearningRate"]);
        Assert.HasCount(2, result.Trials);
        Assert.AreEqual(0, result.Remaining);
        Assert.IsGreaterThan(result.Trials[0].ValidationRecallAt10 + .2, result.Best.ValidationRecallAt10);
        SsnaTrainingSummary training = result.BestModel.Training;
        Assert.AreEqual(result.Best.BestEpoch, training.BestEpoch);
        Assert.AreEqual(result.Best.Epochs, training.Epochs.Count);
        Assert.AreEqual(training.Epochs[training.BestEpoch - 1].ValidationRecallAt10, result.Best.ValidationRecallAt10);
        Assert.AreEqual(training.Epochs[training.BestEpoch - 1].ValidationNdcgAt10, result.Best.ValidationNdcgAt10);

        CollectionAssert.AreEqual(new[] { "1E-07", "0.01" }, DataViews.Values(result.Table, "LearningRate").ToArray());
        TrialRow[] rows = [.. _context.Data.CreateEnumerable<TrialRow>(result.Table, false)];
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.AreEqual(result.Trials[i].Epochs, rows[i].Epochs);
            Assert.AreEqual(result.Trials[i].BestEpoch, rows[i].BestEpoch);
            Assert.AreEqual(result.Trials[i].ValidationRecallAt10, rows[i].ValidationRecallAt10);
            Assert.AreEqual(result.Trials[i].ValidationNdcgAt10, rows[i].ValidationNdcgAt10);
            Assert.AreEqual(result.Trials[i].Duration.TotalSeconds, rows[i].Seconds);
            Assert.AreEqual("", rows[i].Failure);
        }
        CollectionAssert.AreEqual(new[] { 1, 2 }, _trials.Select(trial => trial.Finished).ToArray());
        Assert.IsTrue(_trials.All(trial => trial.Total == 2));
        Assert.AreEqual(result.Best, _trials[^1].Best);
    }

    [TestMethod]
    public void A_trial_is_what_the_trainer_alone_makes_of_its_settings()
    {
        SsnaGridSearch.Options options = Options(LearningRates(Useful), Layers(1, 2));
        using SsnaSearchResult result = Fit(options);
        foreach (SsnaSearchTrial trial in result.Trials)
        {
            SsnaTrainer.Options alone = options.Trainer;
            alone.LearningRate = Useful;
            alone.Ssna().LayerCount = int.Parse(trial.Point["LayerCount"]);
            using SsnaTransformer model = _context.Recommendation().Trainers.Ssna(alone).Fit(Users());
            Assert.AreEqual(
                model.Training.Epochs[trial.BestEpoch - 1].ValidationRecallAt10,
                trial.ValidationRecallAt10
            );
            Assert.AreEqual(model.Training.Epochs[trial.BestEpoch - 1].ValidationNdcgAt10, trial.ValidationNdcgAt10);
        }
    }

    [TestMethod]
    public void Features_are_extracted_once_for_all_trials()
    {
        int rows = 0;
        SsnaGridSearch.Options options = Options(LearningRates(Useful, Useless), Layers(1, 2));
        options.Trainer.MaximumEpochs = 1;
        options.Trainer.Items = _context
            .Transforms.CopyColumns("Raw", "Layers")
            .Fit(options.Trainer.Items!)
            .Transform(options.Trainer.Items);
        options.Trainer.Ssna().FeaturesColumnName = "Extracted";
        options.Trainer.ItemPipeline = _context.Transforms.CustomMapping<Raw, Extracted>(
            (from, to) =>
            {
                rows++;
                to.Values = [.. from.Values];
            },
            contractName: null
        );
        using SsnaSearchResult result = Fit(options);
        Assert.AreEqual(RingShop.ItemCount, rows);
        Assert.HasCount(4, result.Trials);
        // The pipeline is the model's own now: the search has let go of it.
        using SsnaTransformer larger = result.BestModel.WithItems(
            _context.Data.LoadFromEnumerable([new RawItem { Item = "new", Raw = RingShop.Features(5) }])
        );
        Assert.AreEqual("item05", larger.GetSimilarItems("new", 1)[0].Item);
    }

    [TestMethod]
    public void Methods_that_train_the_encoder_are_searched_over_texts_that_are_read_once()
    {
        using var encoder = new TemporaryFolder();
        TinyEncoder.Write(encoder.Path);
        var kind = new ItemAdaptation.LoRA { Encoder = encoder.Path };
        SsnaGridSearch.Options options = Options([.. SsnaGrid.Paper(kind)]);
        options.Trainer = TextShop.Options(_context, kind);
        options.Trainer.MaximumEpochs = 1;
        int rows = 0;
        options.Trainer.Items = _context.Data.LoadFromEnumerable(Counted());
        using SsnaSearchResult result = Fit(options);
        Assert.HasCount(3, result.Trials);
        Assert.AreEqual(RingShop.ItemCount, rows);

        IEnumerable<TextShop.TextRow> Counted()
        {
            for (int item = 0; item < RingShop.ItemCount; item++)
            {
                rows++;
                yield return new() { Item = RingShop.Id<string>(item), Text = TextShop.Text(item) };
            }
        }
    }

    [TestMethod]
    public void Layers_that_the_items_lack_are_refused_before_anything_is_trained()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(Options(Layers(2, 3))));
        StringAssert.Contains(error.Message, "3 layers");
        Assert.IsEmpty(_epochs);
    }

    [TestMethod]
    public void A_trial_whose_loss_is_no_number_is_a_failure_on_record_and_the_search_goes_on()
    {
        using var folder = new TemporaryFolder();
        SsnaGridSearch.Options options = Options(LearningRates(float.MaxValue, Useful));
        options.Folder = folder["search"];
        for (int run = 0; run < 2; run++)
        {
            using SsnaSearchResult result = Fit(options);
            StringAssert.Contains(result.Trials[0].Failure, "loss");
            Assert.AreEqual(double.NaN, result.Trials[0].ValidationRecallAt10);
            Assert.AreEqual("0.01", result.Best.Point["LearningRate"]);
        }
        Assert.HasCount(2, _epochs, "the good trial's, once");

        var error = Assert.Throws<InvalidOperationException>(() => Fit(Options(LearningRates(float.MaxValue))));
        StringAssert.Contains(error.Message, "every point");
    }

    [TestMethod]
    public void Once_the_time_is_over_no_trial_starts()
    {
        SsnaGridSearch.Options options = Options(LearningRates(Useful, Useless, 1e-3f));
        options.MaximumTime = TimeSpan.FromTicks(1);
        using SsnaSearchResult result = Fit(options);
        Assert.HasCount(1, result.Trials);
        Assert.AreEqual(2, result.Remaining);
    }

    [TestMethod]
    public void Trainer_and_axes_alone_make_a_search_of_every_combination()
    {
        SsnaTrainer.Options trainer = Options().Trainer;
        trainer.MaximumEpochs = 1;
        using SsnaSearchResult result = _context
            .Recommendation()
            .Trainers.SsnaGridSearch(trainer, LearningRates(Useful, Useless), Layers(1, 2))
            .Fit(Users(20));
        CollectionAssert.AreEqual(
            new[] { "0.01, 1", "0.01, 2", "1E-07, 1", "1E-07, 2" },
            result.Trials.Select(trial => $"{trial.Point["LearningRate"]}, {trial.Point["LayerCount"]}").ToArray()
        );
        Assert.HasCount(4, _epochs);
    }

    [TestMethod]
    public void The_sample_is_that_of_its_own_seed_and_else_of_the_contexts()
    {
        string[] sample = Sample(context: 1, seed: 7);
        Assert.HasCount(2, sample);
        CollectionAssert.AreEqual(sample, Sample(context: 2, seed: 7));
        CollectionAssert.AreEqual(sample, Sample(context: 7, seed: null));
        CollectionAssert.AreNotEqual(sample, Sample(context: 7, seed: 8));

        string[] Sample(int context, int? seed)
        {
            SsnaGridSearch.Options options = Options(
                LearningRates([.. Enumerable.Range(1, 50).Select(i => i * Useless)])
            );
            options.Trainer.MaximumEpochs = 1;
            (options.SampleSize, options.SampleSeed) = (2, seed);
            using SsnaSearchResult result = new MLContext(context)
                .Recommendation()
                .Trainers.SsnaGridSearch(options)
                .Fit(Users(5));
            return [.. result.Trials.Select(trial => trial.Point["LearningRate"])];
        }
    }

    private SsnaGridSearch.Options Options(params SsnaSearchAxis[] axes)
    {
        SsnaTrainer.Options trainer = RingShop.Options<string>(_context);
        trainer.Ssna().AdapterHeads = 8;
        trainer.Ssna().FeatureDropout = .2f;
        trainer.MaximumEpochs = 2;
        trainer.Progress = new Calling<SsnaTrainingProgress>(_epochs.Add);
        return new()
        {
            Trainer = trainer,
            Axes = axes,
            Progress = new Calling<SsnaSearchProgress>(_trials.Add),
        };
    }

    private SsnaSearchResult Fit(SsnaGridSearch.Options options, IDataView? users = null) =>
        _context.Recommendation().Trainers.SsnaGridSearch(options).Fit(users ?? Users());

    private IDataView Users(int count = 150) => RingShop.TrainingUsers<string>(_context, count);

    private static SsnaSearchAxis LearningRates(params float[] values) =>
        SsnaSearchAxis.Of("LearningRate", values, (o, value) => o.LearningRate = value);

    private static SsnaSearchAxis Layers(params int[] values) =>
        SsnaSearchAxis.Of("LayerCount", values, (o, value) => o.Ssna().LayerCount = value);

    // The model is there as well: what it recommends tells.
    private string[] Describe(SsnaSearchResult result) =>
        [
            .. DataViews.Lines(result.Table),
            .. DataViews.Lines(result.BestModel.Transform(Users(5)), "RecommendedItems", "RecommendedScores"),
        ];

    private sealed class TrialRow
    {
        public int Epochs { get; set; }
        public int BestEpoch { get; set; }
        public double ValidationRecallAt10 { get; set; }
        public double ValidationNdcgAt10 { get; set; }
        public double Seconds { get; set; }
        public string Failure { get; set; } = "";
    }

    private sealed class Raw
    {
        [ColumnName("Raw"), VectorType(RingShop.Layers, RingShop.Width)]
        public float[] Values { get; set; } = [];
    }

    private sealed class RawItem
    {
        public string Item { get; set; } = "";

        [VectorType(RingShop.Layers, RingShop.Width)]
        public float[] Raw { get; set; } = [];
    }

    private sealed class Extracted
    {
        [ColumnName("Extracted"), VectorType(RingShop.Layers, RingShop.Width)]
        public float[] Values { get; set; } = [];
    }
}
