using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Data;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>The loss over a sample of the catalogue stands for the loss over all of it.</summary>
[TestClass]
public sealed class SampledLossTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void A_sample_that_holds_every_item_gives_the_weights_of_the_full_catalogue()
    {
        SsnaTrainer.Options options = Quiet();
        options.Loss = SsnaLoss.FullCatalogue;
        Tensor full = Weights(options);
        options.Loss = SsnaLoss.SampledCatalogue;
        options.SampledNegatives = 100 * CircleShop.Items;
        Tensor sampled = Weights(options);
        double difference = (full - sampled).norm().item<double>();
        Assert.IsLessThan(1e-3 * full.norm().item<double>(), difference);
    }

    [TestMethod]
    public void A_small_sample_learns_the_circle()
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.Loss = SsnaLoss.SampledCatalogue;
        options.SampledNegatives = 8;
        SsnaTrainingResult result = Train(options, []);
        using (result.Model)
        {
            Assert.IsGreaterThan(0.95, result.Epochs[^1].ValidationRecallAt10);
        }
    }

    [TestMethod]
    [DataRow(CircleShop.Items, "loss FullCatalogue")]
    [DataRow(CircleShop.Items - 1, "loss SampledCatalogue")]
    public void Automatic_loss_samples_above_the_limit(int limit, string expected)
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.MaximumEpochs = 1;
        options.FullCatalogueLimit = limit;
        var log = new List<string>();
        Train(options, log).Model.Dispose();
        Assert.Contains(expected, log[0]);
    }

    [TestMethod]
    public void Features_above_the_budget_are_held_as_bfloat16_and_learn_as_well()
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.FeatureMemoryBudget = 0;
        SsnaTrainingResult result = Train(options, []);
        using (result.Model)
        {
            Assert.IsGreaterThan(0.95, result.Epochs[^1].ValidationRecallAt10);
        }
        using Tensor features = CircleShop.Features();
        using Tensor compact = result.Model.Items.Prepare(features, compact: true);
        Assert.AreEqual(ScalarType.BFloat16, compact.dtype);
    }

    private static SsnaTrainer.Options Quiet()
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.Dropout = options.FeatureDropout = 0;
        options.MaximumEpochs = 2;
        options.WeightAverageDecay = 0;
        // One batch an epoch, so that drawing negatives does not change what is in it.
        options.BatchSize = 100_000;
        return options;
    }

    private static Tensor Weights(SsnaTrainer.Options options)
    {
        SsnaTrainingResult result = Train(options, []);
        using (result.Model)
        {
            return result.Model.Parameters.Values.to(ScalarType.Float64);
        }
    }

    private static SsnaTrainingResult Train(SsnaTrainer.Options options, List<string> log)
    {
        (SequenceSet training, ValidationCases cases) = ValidationCases.HoldOutLast(CircleShop.Sequences(200));
        using Tensor features = CircleShop.Features();
        return SsnaTraining.Run(options, features, training, cases, CPU, seed: 1, log.Add);
    }
}
