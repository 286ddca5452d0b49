using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Training;
using TorchSharp;

namespace Ssna.MLNet.Tests.Training;

[TestClass]
public sealed class TrainingMemoryTests
{
    private readonly MLContext _context = new(1);

    public static IEnumerable<object[]> TooMuch =>
        [
            Case(nameof(SsnaTrainer.Options.SequenceBlocks), 10_000_000, (o, v) => o.SequenceBlocks = v),
            Case(nameof(SsnaTrainer.Options.SequenceBlocks), int.MaxValue, (o, v) => o.SequenceBlocks = v),
            Case(nameof(SsnaTrainer.Options.AdapterHeads), int.MaxValue, (o, v) => o.AdapterHeads = v),
            Case(nameof(SsnaTrainer.Options.LayerCount), int.MaxValue, (o, v) => o.LayerCount = v),
            Case(nameof(SsnaTrainer.Options.Dimension), int.MaxValue - 1, (o, v) => o.Dimension = v),
            Case(nameof(SsnaTrainer.Options.InnerSize), int.MaxValue, (o, v) => o.InnerSize = v),
            Case(
                nameof(SsnaTrainer.Options.MaximumSequenceLength),
                int.MaxValue,
                (o, v) => o.MaximumSequenceLength = v
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
    public void What_the_data_make_of_an_option_is_refused_by_name_before_training()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.AdapterHeads = 1_000_000;
        var wide = new TrainingMemory.Data(Items: 20_000, Width: 384, Cases: 10_000);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
            TrainingMemory.Check(options, wide, available: 64e9)
        );
        Assert.Contains("AdapterHeads = 1000000", error.Message);
        Assert.Contains("64.0 GB", error.Message);
        Assert.Contains("2,85", error.Message, "what it would take is said");

        options.AdapterHeads = 8;
        TrainingMemory.Check(options, wide, available: 64e9);
    }

    [TestMethod]
    public void Training_itself_looks_at_the_data_before_it_makes_anything()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        // One number a layer may fit, and the items' own width does not.
        const int width = 4096;
        double heads = SystemMemory.Bytes / (24.0 * options.LayerCount * options.Dimension) / width * 4;
        options.AdapterHeads = (int)heads;
        _ = _context.Recommendation().Trainers.Ssna(options);

        TorchRuntime.EnsureLoaded();
        using torch.Tensor items = torch.zeros(3, options.LayerCount, width); // (I, a, D)
        var cases = new ValidationCases(new SequenceSet([], [0]), []);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
            SsnaTraining.Run(options, items, SequenceSet.Of([0, 1, 2]), cases, torch.CPU, seed: 1)
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
