using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
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
    public void A_sample_that_holds_every_item_has_the_loss_and_gradients_of_the_full_catalogue()
    {
        using var scope = NewDisposeScope();
        (double full, Tensor fullGradients) = LossAndGradients(new TrainingLoss.FullCatalogue());
        (double sampled, Tensor sampledGradients) = LossAndGradients(
            // so many that every item is sure to be a candidate
            new TrainingLoss.SampledCatalogue { Negatives = 100 * CircleShop.Items }
        );
        Assert.AreEqual(full, sampled, 1e-5 * full);
        double difference = (fullGradients - sampledGradients).norm().item<double>();
        Assert.IsLessThan(1e-5 * fullGradients.norm().item<double>(), difference);
    }

    [TestMethod]
    public void A_small_sample_learns_the_circle()
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.Loss = new TrainingLoss.SampledCatalogue { Negatives = 8 };
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
        options.Loss = new TrainingLoss.Auto { FullCatalogueLimit = limit };
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
            using Tensor features = CircleShop.Features();
            using Tensor compact = result.Model.Items.Prepare(features, compact: true);
            Assert.AreEqual(ScalarType.BFloat16, compact.dtype);
        }
    }

    private static (double Loss, Tensor Gradients) LossAndGradients(TrainingLoss loss)
    {
        SsnaTrainer.Options options = CircleShop.Options();
        var planner = new BatchPlanner(
            CircleShop.Sequences(40),
            CircleShop.Items,
            new BatchPlanner.Settings(
                options.SequenceModel.MaximumSequenceLength,
                BatchSize: 400,
                EarlierWindows.Off,
                loss.Needs
            )
        );
        TrainingBatch batch = planner.Build(planner.Deal(new Random(1))[0], new Random(2));
        using Tensor features = CircleShop.Features();
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
        double value = step.Accumulate(batch).item<float>();
        return (value, model.Parameters.Gradients.to(ScalarType.Float64));
    }

    private static SsnaTrainingResult Train(SsnaTrainer.Options options, List<string> log)
    {
        (SequenceSet training, ValidationCases cases) = ValidationCases.HoldOutLast(CircleShop.Sequences(200));
        using Tensor features = CircleShop.Features();
        return Runs.Train(options, features, training, cases, log: log.Add);
    }
}
