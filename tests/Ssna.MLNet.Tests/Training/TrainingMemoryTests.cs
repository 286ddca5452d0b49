using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Ssna.MLNet.Tests.Training;

[TestClass]
public sealed class TrainingMemoryTests
{
    private readonly MLContext _context = new(1);

    public static IEnumerable<object[]> TooMuch =>
        [
            Case("SequenceModel.Blocks", 10_000_000, (o, v) => o.SASRec().Blocks = v),
            Case("SequenceModel.Blocks", int.MaxValue, (o, v) => o.SASRec().Blocks = v),
            Case("Adaptation.AdapterHeads", int.MaxValue, (o, v) => o.Ssna().AdapterHeads = v),
            Case("Adaptation.LayerCount", int.MaxValue, (o, v) => o.Ssna().LayerCount = v),
            Case(nameof(SsnaTrainer.Options.Dimension), int.MaxValue - 1, (o, v) => o.Dimension = v),
            Case("SequenceModel.InnerSize", int.MaxValue, (o, v) => o.SASRec().InnerSize = v),
            Case(
                "SequenceModel.MaximumSequenceLength",
                int.MaxValue,
                (o, v) => o.SequenceModel.MaximumSequenceLength = v
            ),
            Case(
                "Loss.Negatives",
                int.MaxValue,
                (o, v) => o.Loss = new TrainingLoss.SampledCatalogue { Negatives = v }
            ),
        ];

    [TestMethod]
    [DynamicData(nameof(TooMuch))]
    public void An_option_beyond_all_memory_is_refused_by_name_before_any_work(
        string name,
        int value,
        Action<SsnaTrainer.Options, int> set
    )
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        set(options, value);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _context.Recommendation().Trainers.Ssna(options));
        Assert.Contains(name, error.Message);
        Assert.Contains(value.ToString(CultureInfo.InvariantCulture), error.Message);
    }

    [TestMethod]
    public void What_is_frozen_takes_no_memory_of_training()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.Ssna().AdapterHeads = 100_000;
        var data = new TrainingMemory.Data(Items: 100, Width: 384, Cases: 10_000);
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingMemory.Check(options, data, available: 16e9));
        options.FrozenPart = FrozenPart.ItemEncoder;
        TrainingMemory.Check(options, data, available: 16e9);
    }

    [TestMethod]
    public void What_the_data_make_of_an_option_is_refused_by_name_before_training()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.Ssna().AdapterHeads = 1_000_000;
        var wide = new TrainingMemory.Data(Items: 20_000, Width: 384, Cases: 10_000);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
            TrainingMemory.Check(options, wide, available: 64e9)
        );
        Assert.Contains("AdapterHeads = 1000000", error.Message);
        Assert.Contains("64.0 GB", error.Message);
        Assert.Contains("2,85", error.Message, "what it would take is said");

        options.Ssna().AdapterHeads = 8;
        TrainingMemory.Check(options, wide, available: 64e9);
    }

    [TestMethod]
    public void Training_itself_looks_at_the_data_before_it_makes_anything()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        // One number a layer may fit, and the items' own width does not.
        const int width = 4096;
        double heads = SystemMemory.Bytes / (24.0 * options.Ssna().LayerCount * options.Dimension) / width * 4;
        options.Ssna().AdapterHeads = (int)heads;
        _ = _context.Recommendation().Trainers.Ssna(options);

        TorchRuntime.EnsureLoaded();
        using torch.Tensor items = torch.zeros(3, options.Ssna().LayerCount, width); // (I, a, D)
        var cases = new ValidationCases(new SequenceSet([], [0]), []);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
            Runs.Train(options, items, SequenceSet.Of([0, 1, 2]), cases)
        );
        Assert.Contains("AdapterHeads", error.Message);
    }

    [TestMethod]
    [DataRow(int.MaxValue)]
    public void Options_that_the_data_bound_may_be_as_large_as_they_like(int large)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.BatchSize = options.AccumulatedBatches = large;
        options.Loss = new TrainingLoss.Auto { FullCatalogueLimit = large };
        options.MaximumValidationCases = options.Patience = options.TopK = large;
        options.MaximumSteps = large;
        options.MaximumEpochs = 1;
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(RingShop.TrainingUsers<string>(_context));
        Assert.AreEqual(1, model.Training.Epochs.Single().Steps);
        Assert.HasCount(RingShop.ItemCount - 1, model.Recommend(["item03"]));
    }

    private static object[] Case(string name, int value, Action<SsnaTrainer.Options, int> set) => [name, value, set];
}
