using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Selection;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Selection;

/// <summary>Which points are tried, and that bad ones are refused before any work.</summary>
[TestClass]
public sealed class SearchPointsTests
{
    private static readonly MLContext s_context = new(1);

    [TestMethod]
    public void A_grid_is_every_combination_with_the_last_axis_fastest()
    {
        SearchPoint[] points = Points(Options(Batch(1, 2), Dropout(0, .5f)));
        CollectionAssert.AreEqual(
            new[]
            {
                "BatchSize = 1, Dropout = 0",
                "BatchSize = 1, Dropout = 0.5",
                "BatchSize = 2, Dropout = 0",
                "BatchSize = 2, Dropout = 0.5",
            },
            points.Select(point => $"{point}").ToArray()
        );
        CollectionAssert.AreEqual(
            new[] { (1, 0f), (1, .5f), (2, 0f), (2, .5f) },
            points.Select(point => (point.Options.BatchSize, point.Options.SASRec().Dropout)).ToArray()
        );
    }

    [TestMethod]
    public void A_point_keeps_its_key_whatever_the_order_of_the_axes()
    {
        SearchPoint[] points = Points(Options(Batch(1, 2), Dropout(0, .5f)));
        SearchPoint[] turned = Points(Options(Dropout(.5f, 0), Batch(2, 1)));
        CollectionAssert.AreEquivalent(points.Select(p => p.Key).ToArray(), turned.Select(p => p.Key).ToArray());
        Assert.HasCount(4, points.Select(p => p.Key).Distinct());
    }

    [TestMethod]
    public void A_sample_is_seeded_without_repetition_and_the_beginning_of_a_larger_one()
    {
        SsnaGridSearch.Options options = Options(
            Batch([.. Enumerable.Range(1, 30)]),
            Dropout([.. Enumerable.Range(0, 30).Select(i => i / 30f)])
        );
        string[] sample = Sample(50, 7);
        Assert.HasCount(50, sample.Distinct());
        CollectionAssert.AreEqual(sample, Sample(50, 7));
        CollectionAssert.AreEqual(sample, Sample(80, 7)[..50]);
        CollectionAssert.AreNotEqual(sample, Sample(50, 8));
        Assert.HasCount(900, Sample(900, 7).Distinct());

        string[] Sample(int size, int seed)
        {
            options.SampleSize = size;
            return [.. SearchPoint.Of(s_context, options, seed).Select(point => point.Key)];
        }
    }

    [TestMethod]
    public void A_sample_of_a_grid_too_large_to_list_is_drawn_all_the_same()
    {
        SsnaSearchAxis[] axes =
        [
            .. Enumerable.Range(0, 30).Select(i => SsnaSearchAxis.Of($"a{i}", [0, 1, 2, 3, 4], (_, _) => { })),
        ];
        SsnaGridSearch.Options options = Options(axes);
        options.SampleSize = 3;
        Assert.HasCount(3, Points(options));
        Assert.AreEqual(long.MaxValue, SearchPoint.Count(axes));
    }

    [TestMethod]
    public void Bad_settings_are_refused_by_name_before_any_work()
    {
        Refuses(o => o.Axes = [], "Axes", "at least one axis");
        Refuses(o => o.Axes = [Batch(1), Batch(2)], "Axes", "BatchSize", "twice");
        Refuses(o => o.Axes = [SsnaSearchAxis.Of("Seconds", [1], (_, _) => { })], "Axes", "Seconds");
        Refuses(o => o.Axes = [Batch(32, 0), Dropout(0)], "BatchSize = 0, Dropout = 0", "at least 1");
        Refuses(o => o.Axes = [Batch(32), Dropout(0, 1)], "Dropout = 1", "less than 1");
        Refuses(o => o.Trainer = null!, "Trainer");
        Refuses(o => o.Trainer.Items = null, "Items");
        Refuses(o => o.Trainer.Loss.Temperature = 0, "Loss.Temperature");
        Refuses(o => o.SampleSize = 0, "SampleSize", "from 1 to 2");
        Refuses(o => o.SampleSize = 3, "SampleSize", "from 1 to 2");
        Refuses(o => o.MaximumTime = TimeSpan.Zero, "MaximumTime");
        Refuses(o => o.Folder = "", "Folder");

        static void Refuses(Action<SsnaGridSearch.Options> change, params string[] words)
        {
            SsnaGridSearch.Options options = Options(Batch(1, 2));
            change(options);
            Contains(
                Assert.Throws<ArgumentException>(() => s_context.Recommendation().Trainers.SsnaGridSearch(options)),
                words
            );
        }
    }

    [TestMethod]
    public void An_axis_needs_a_name_and_values_that_read_differently()
    {
        Contains(Assert.Throws<ArgumentException>(() => Batch()), "BatchSize", "at least one value");
        Contains(Assert.Throws<ArgumentException>(() => Batch(5, 6, 5)), "BatchSize", "'5' twice");
        Assert.Throws<ArgumentException>(() => SsnaSearchAxis.Of("", [1], (_, _) => { }));
        SsnaSearchAxis named = SsnaSearchAxis.Of<ItemAdaptation>(
            "Adaptation",
            [new ItemAdaptation.TopMlp { LinearLayers = 1 }, new ItemAdaptation.TopMlp()],
            (o, value) => o.Adaptation = value,
            value => $"{((ItemAdaptation.TopMlp)value).LinearLayers} layers"
        );
        CollectionAssert.AreEqual(new[] { "1 layers", "2 layers" }, named.Values.ToArray());
    }

    [TestMethod]
    public void An_axis_over_a_setting_of_a_kind_needs_no_cast_and_names_a_kind_that_is_not_there()
    {
        SsnaGridSearch.Options options = Options(
            SsnaSearchAxis.Of("heads", [1, 2], (ItemAdaptation.Ssna ssna, int heads) => ssna.AdapterHeads = heads),
            SsnaSearchAxis.Of("window", [5], (SequenceModel model, int size) => model.MaximumSequenceLength = size),
            SsnaSearchAxis.Of("tau", [.1f, .2f], (TrainingLoss loss, float tau) => loss.Temperature = tau)
        );
        CollectionAssert.AreEqual(
            new[] { (1, 5, .1f), (1, 5, .2f), (2, 5, .1f), (2, 5, .2f) },
            Points(options)
                .Select(point => point.Options)
                .Select(o => (o.Ssna().AdapterHeads, o.SequenceModel.MaximumSequenceLength, o.Loss.Temperature))
                .ToArray()
        );
        options = Options(SsnaSearchAxis.Of("rank", [1], (ItemAdaptation.LoRA lora, int rank) => lora.Rank = rank));
        Contains(
            Assert.Throws<ArgumentException>(() => Points(options)),
            "axis 'rank'",
            "LoRA",
            "Ssna, SASRec, InBatch"
        );
    }

    [TestMethod]
    public void The_papers_grids_set_what_they_name()
    {
        Check(new ItemAdaptation.Ssna(), o => (o.BatchSize, o.Ssna().LayerCount), Pairs([2, 3]));
        Check(
            new ItemAdaptation.TopMlp(),
            o => (o.BatchSize, ((ItemAdaptation.TopMlp)o.Adaptation).LinearLayers),
            Pairs([1, 2, 3])
        );
        var mixture = new ItemAdaptation.Ssna { LayerCount = 1, Integration = LayerIntegration.None };
        Check(mixture, o => (o.BatchSize, 0), Pairs([0]));
        Contains(Assert.Throws<ArgumentException>(() => SsnaGrid.Paper(new ItemAdaptation.ItemIds())), "ItemIds");
        // The grid of another kind than the trainer's.
        Contains(
            Assert.Throws<ArgumentException>(() => Points(Options([.. SsnaGrid.Paper(new ItemAdaptation.TopMlp())]))),
            "TopMlp",
            "Ssna"
        );

        static (int, int)[] Pairs(int[] layers) =>
            [.. new[] { 32, 64, 128, 256 }.SelectMany(batch => layers.Select(count => (batch, count)))];

        static void Check(ItemAdaptation kind, Func<SsnaTrainer.Options, (int, int)> read, (int, int)[] expected)
        {
            SsnaGridSearch.Options options = Options([.. SsnaGrid.Paper(kind)]);
            options.Trainer.Adaptation = kind;
            CollectionAssert.AreEqual(expected, Points(options).Select(point => read(point.Options)).ToArray());
        }
    }

    [TestMethod]
    public void The_papers_grids_of_methods_that_train_the_encoder_set_what_they_name()
    {
        using var encoder = new TemporaryFolder();
        TinyEncoder.Write(encoder.Path);
        foreach (ItemAdaptation kind in TextShop.Kinds(encoder.Path).Where(kind => kind is ItemAdaptation.LowRank))
        {
            SsnaGridSearch.Options options = Options(kind);
            float[] dropouts =
            [
                .. Points(options).Select(point => ((ItemAdaptation.LowRank)point.Options.Adaptation).Dropout),
            ];
            CollectionAssert.AreEqual(new[] { 0.1f, 0.2f, 0.3f }, dropouts, $"{kind}");
        }
        // The tiny encoder has three layers: the grid's four are refused, by name.
        SsnaGridSearch.Options full = Options(new ItemAdaptation.FullFineTuning { Encoder = encoder.Path });
        Contains(Assert.Throws<ArgumentException>(() => Points(full)), "Adaptation.TopLayers", "to 3", "4");

        static SsnaGridSearch.Options Options(ItemAdaptation kind) =>
            new() { Trainer = TextShop.Options(s_context, kind), Axes = SsnaGrid.Paper(kind) };
    }

    private static SearchPoint[] Points(SsnaGridSearch.Options options) => SearchPoint.Of(s_context, options, 1);

    private static SsnaGridSearch.Options Options(params SsnaSearchAxis[] axes)
    {
        SsnaTrainer.Options trainer = SsnaTrainer.Options.Paper();
        trainer.Items = RingShop.Items<string>(s_context);
        return new() { Trainer = trainer, Axes = axes };
    }

    private static SsnaSearchAxis Batch(params int[] values) =>
        SsnaSearchAxis.Of("BatchSize", values, (o, value) => o.BatchSize = value);

    private static SsnaSearchAxis Dropout(params float[] values) =>
        SsnaSearchAxis.Of("Dropout", values, (o, value) => o.SASRec().Dropout = value);

    private static void Contains(Exception error, params string[] words)
    {
        foreach (string word in words)
        {
            StringAssert.Contains(error.Message, word);
        }
    }
}
