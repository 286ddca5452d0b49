using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>One causal pass over a sequence is worth as much as one pass over each of its prefixes.</summary>
[TestClass]
public sealed class PackedPrefixTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow("FullCatalogue", 2, 6, DisplayName = "full catalogue, shorter than the window")]
    [DataRow("FullCatalogue", 15, 30, DisplayName = "full catalogue, longer than the window")]
    [DataRow("InBatch", 2, 6, DisplayName = "in batch, shorter than the window")]
    [DataRow("InBatch", 15, 30, DisplayName = "in batch, longer than the window")]
    public void Packed_prefixes_have_the_loss_and_gradients_of_one_row_a_prefix(string kind, int shortest, int longest)
    {
        using var scope = NewDisposeScope();
        SsnaTrainer.Options options = CircleShop.Options();
        TrainingLoss loss = kind == "InBatch" ? new TrainingLoss.InBatch { MaskHistory = true } : CircleShop.Loss(kind);
        int window = options.SequenceModel.MaximumSequenceLength;
        var planner = new BatchPlanner(
            CircleShop.Sequences(40, shortest, longest),
            CircleShop.Items,
            new BatchPlanner.Settings(window, 400, EarlierWindows.Off, loss.Needs)
        );
        TrainingBatch packed = planner.Build(planner.Deal(new Random(1))[0], new Random(1));
        TrainingBatch expanded = Expand(packed, window);
        Assert.AreEqual(packed.Cases.Targets.Length, expanded.Packing.Lengths.Length, "one row a prefix");

        using Tensor features = CircleShop.Features();
        options.Ssna().FeatureScaling = FeatureScaling.None;
        using SsnaModel model = Runs.Model(options, features, seed: 3);
        model.Parameters.RequireGradients();
        using BatchLoss started = CircleShop.Start(loss, planner);
        var step = new TrainingStep(
            model,
            Held.Of(model.Items.Prepare(features)),
            started,
            itemDropout: 0,
            new ForwardPass(ComputePrecision.Float32, noise: null)
        );
        double packedLoss = step.Accumulate(packed).item<float>();
        Tensor packedGradients = model.Parameters.Gradients.to(ScalarType.Float64);
        model.Parameters.Gradients.zero_();
        double expandedLoss = step.Accumulate(expanded).item<float>();
        Tensor expandedGradients = model.Parameters.Gradients.to(ScalarType.Float64);

        Assert.AreEqual(expandedLoss, packedLoss, 1e-5 * expandedLoss);
        double difference = (packedGradients - expandedGradients).norm().item<double>();
        Assert.IsLessThan(1e-5 * expandedGradients.norm().item<double>(), difference);
    }

    private static TrainingBatch Expand(TrainingBatch packed, int window)
    {
        var prefixes = new List<int[]>();
        for (int row = 0; row < packed.Cases.Targets.Length; row++)
        {
            prefixes.Add([
                .. Enumerable
                    .Range(0, row + 1)
                    .Where(i => packed.Cases.Users[i] == packed.Cases.Users[row])
                    .Select(i => (int)packed.Inputs[packed.Slots[i]]),
            ]);
        }
        var packing = SequencePacking.Pack([.. prefixes.Select(prefix => prefix.Length)]);
        return new TrainingBatch
        {
            Items = packed.Items,
            Packing = packing,
            Inputs = packing.Place([.. prefixes.SelectMany(prefix => prefix)], unused: 0),
            Slots = packing.LastSlots(),
            Cases = packed.Cases,
        };
    }
}
