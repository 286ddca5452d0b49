using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

[TestClass]
public sealed class SsnaTrainerInputTests
{
    private static readonly float[] s_good = RingShop.Features(0);

    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Options_without_items_or_out_of_range_are_named_with_what_was_expected()
    {
        Names(o => o.Items = null, "Items", "null");
        Names(o => o.SequenceColumnName = "", "SequenceColumnName");
        Names(o => o.RecommendedScoresColumnName = o.ScoreColumnName, "ScoreColumnName", "different");
        Names(o => o.TopK = 0, "TopK", "at least 1", "0");
        Names(o => o.Ssna().LayerCount = 0, "LayerCount", "at least 1");
        Names(o => o.SASRec().AttentionHeads = 3, "AttentionHeads", "divisor", "16");
        Names(o => o.Loss = null!, "Loss", "TrainingLoss");
        Names(o => o.Loss.Temperature = 0, "Loss.Temperature", "above 0");
        Names(o => o.LearningRate = float.NaN, "LearningRate", "NaN");
        Names(o => o.SASRec().Dropout = 1, "Dropout", "less than 1");
        Names(o => o.Ssna().RoutingNoiseFloor = -1, "RoutingNoiseFloor");
        Names(o => o.MaximumTime = TimeSpan.Zero, "MaximumTime");
        Names(o => o.MaximumSteps = 0, "MaximumSteps");
        Names(o => o.Loss = new TrainingLoss.InBatch { LabelSmoothing = 1 }, "Loss.LabelSmoothing", "less than 1");
        Names(o => o.Loss = new TrainingLoss.Auto { FullCatalogueLimit = 0 }, "Loss.FullCatalogueLimit", "at least 1");
        Names(o => o.Loss = new TrainingLoss.Auto { Negatives = 0 }, "Loss.Negatives", "from 1 to 16777216");
        Names(
            o => o.Loss = new TrainingLoss.SampledCatalogue { Negatives = 0 },
            "Loss.Negatives",
            "from 1 to 16777216"
        );
        Names(
            o => o.Loss = new TrainingLoss.BinaryCrossEntropy { Negatives = 0 },
            "Loss.Negatives",
            "from 1 to 16777216"
        );
        Names(o => o.Loss = new TrainingLoss.BinaryCrossEntropy { Calibration = 2 }, "Loss.Calibration", "from 0 to 1");
        Names(o => o.Ssna().Integration = (LayerIntegration)9, "Integration", "9");
        Names(o => o.NumberOfThreads = 0, "Threads");
        Names(o => o.NumberOfThreads = 10_000, "Threads", "10000");
        Names(o => o.NumberOfThreads = int.MaxValue, "Threads", "2147483647");

        void Names(Action<SsnaTrainer.Options> change, params string[] words)
        {
            SsnaTrainer.Options options = RingShop.Options<string>(_context);
            change(options);
            var error = Assert.Throws<ArgumentException>(() => _context.Recommendation().Trainers.Ssna(options));
            Contains(error, words);
        }
    }

    [TestMethod]
    public void An_empty_catalogue_is_refused() => Refuses(Items(), "Item", "no rows");

    [TestMethod]
    public void An_item_twice_is_refused_by_its_id() =>
        Refuses(Items(("item00", s_good), ("item01", s_good), ("item00", s_good)), "Item", "item00");

    [TestMethod]
    public void An_item_without_id_is_refused_by_its_row() =>
        Refuses(Items(("item00", s_good), ("", s_good)), "Item", "row 1");

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.PositiveInfinity, "Infinity")]
    public void Features_that_are_no_numbers_are_refused_by_item(float value, string named)
    {
        float[] bad = [.. s_good];
        bad[^1] = value;
        Refuses(Items(("item00", s_good), ("item01", bad)), "Layers", "item01", named);
    }

    [TestMethod]
    public void An_item_without_features_is_refused_by_its_id() =>
        Refuses(Plain(("item00", s_good), ("item01", [])), 1, "Layers", "item01", "empty");

    [TestMethod]
    public void Features_of_two_widths_are_refused_by_item() =>
        Refuses(Plain(("item00", s_good), ("item01", s_good[1..])), 1, "Layers", "item01", "16", "15");

    [TestMethod]
    public void Fewer_layers_than_asked_for_are_refused()
    {
        Refuses(RingShop.Items<string>(_context), 3, "Layers", "3 layers", "LayerCount", "has 2");
        Refuses(Plain(("item00", s_good)), 2, "Layers", "2 layers", "has 1");
    }

    [TestMethod]
    public void Columns_of_the_items_that_are_missing_or_of_another_type_are_named()
    {
        Refuses(_context.Data.LoadFromEnumerable([new { Id = "item00", Layers = s_good }]), "item", "Item");
        Refuses(_context.Data.LoadFromEnumerable([new { Item = "item00", Vector = s_good }]), "features", "Layers");
        Refuses(
            _context.Data.LoadFromEnumerable([new { Item = "item00", Text = "a pan" }]), // and no ItemPipeline
            "features column 'Layers'",
            "Item, Text",
            "ItemPipeline",
            "ExtractEncoderLayers"
        );
        Refuses(_context.Data.LoadFromEnumerable([new { Item = 1.5f, Layers = s_good }]), "Item", "Single");
        Refuses(_context.Data.LoadFromEnumerable([new { Item = "item00", Layers = 1f }]), "Layers", "Single");
        Refuses(
            _context.Data.LoadFromEnumerable([new { Item = "item00", Layers = new double[4] }]),
            "Layers",
            "Double"
        );
    }

    [TestMethod]
    public void Sequences_of_another_type_than_the_items_are_refused() =>
        Refuses(RingShop.Items<int>(_context), "Sequence", "Int32", "String");

    [TestMethod]
    public void Data_with_nothing_to_learn_from_is_refused()
    {
        RefusesUsers(RingShop.Users<string>(_context), "Sequence", "two items", "0 rows");
        RefusesUsers(RingShop.Users<string>(_context, [1], [2], []), "Sequence", "two items", "3 rows");
        IDataView unknown = _context.Data.LoadFromEnumerable([new { Sequence = new[] { "a", "b", "item01" } }]);
        RefusesUsers(unknown, "Sequence", "two items", "2 of their 3 items");
        RefusesUsers(RingShop.Users<string>(_context, [1, 2], [3, 4]), "Sequence", "three items", "Validation");
    }

    [TestMethod]
    public void Validation_data_that_does_not_fit_is_refused()
    {
        RefusesValidation(RingShop.Users<string>(_context, [1, 2]), "label", "Label");
        RefusesValidation(
            _context.Data.LoadFromEnumerable([new { Sequence = new[] { "item01" }, Label = 3 }]),
            "Label",
            "Int32"
        );
        RefusesValidation(
            _context.Data.LoadFromEnumerable([new { Sequence = new[] { "item01" }, Label = "no such item" }]),
            "Validation",
            "none in 1 rows"
        );
    }

    private void Refuses(IDataView items, params string[] words) => Refuses(items, RingShop.Layers, words);

    private void Refuses(IDataView items, int layers, params string[] words)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.Items = items;
        options.Ssna().LayerCount = layers;
        Refuses(options, RingShop.TrainingUsers<string>(_context, 10), words);
    }

    private void RefusesUsers(IDataView users, params string[] words) =>
        Refuses(RingShop.Options<string>(_context), users, words);

    private void RefusesValidation(IDataView validation, params string[] words)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.ValidationSet = validation;
        Refuses(options, RingShop.TrainingUsers<string>(_context, 10), words);
    }

    private void Refuses(SsnaTrainer.Options options, IDataView users, string[] words)
    {
        SsnaTrainer trainer = _context.Recommendation().Trainers.Ssna(options);
        Contains(Assert.Throws<Exception>(() => trainer.Fit(users)), words);
    }

    private static void Contains(Exception error, string[] words)
    {
        Assert.IsTrue(error is ArgumentException or InvalidOperationException, error.ToString());
        foreach (string word in words)
        {
            StringAssert.Contains(error.Message, word);
        }
    }

    private IDataView Items(params (string Item, float[] Layers)[] rows) =>
        _context.Data.LoadFromEnumerable(
            rows.Select(row => new RingShop.ItemRow<string> { Item = row.Item, Layers = row.Layers })
        );

    // Vectors of no known size.
    private IDataView Plain(params (string Item, float[] Layers)[] rows) =>
        _context.Data.LoadFromEnumerable(rows.Select(row => new { row.Item, row.Layers }));
}
