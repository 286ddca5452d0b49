using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed class AccumulatedBatchesTests
{
    private const int Seed = 4;

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow("FullCatalogue")]
    [DataRow("InBatch")]
    public void A_step_takes_the_mean_of_the_batches_gradients_and_the_last_one_what_is_left(string loss)
    {
        using var scope = NewDisposeScope();
        SsnaTrainer.Options options = CircleShop.Options();
        options.Adaptation = new ItemAdaptation.TopMlp { FeatureDropout = 0 };
        (options.Loss, options.BatchSize, options.MaximumEpochs) = (CircleShop.Loss(loss), 20, 1);
        (options.SASRec().Dropout, options.WeightAverageDecay) = (0, 0);
        options.AccumulatedBatches = 2;
        using Tensor features = CircleShop.Features();
        SequenceSet sequences = CircleShop.Sequences(7);
        SsnaTrainingResult result = Runs.Train(
            options,
            features,
            sequences,
            new ValidationCases(new SequenceSet([], [0]), []),
            Seed
        );
        using SsnaModel trained = result.Model;
        using SsnaModel start = Runs.Model(options, features, Seed);
        using SsnaModel means = ByHand(options, features, sequences, mean: true);
        using SsnaModel sums = ByHand(options, features, sequences, mean: false);
        double way = Distance(start, means);
        Assert.IsLessThan(1e-4 * way, Distance(trained, means));
        Assert.IsGreaterThan(1e-2 * way, Distance(trained, sums), "this test can tell a mean from a sum");
    }

    private static double Distance(SsnaModel a, SsnaModel b) =>
        (a.Parameters.Values - b.Parameters.Values).norm().item<float>();

    private static SsnaModel ByHand(SsnaTrainer.Options o, Tensor features, SequenceSet sequences, bool mean)
    {
        var planner = new BatchPlanner(sequences, CircleShop.Items, BatchPlanner.Settings.Of(o, o.Loss));
        SsnaModel model = Runs.Model(o, features, Seed);
        Tensor items = model.Items.Prepare(features);
        using BatchLoss loss = CircleShop.Start(o.Loss, planner);
        var step = new TrainingStep(
            model,
            Held.Of(items),
            loss,
            itemDropout: 0,
            new ForwardPass(ComputePrecision.Float32, noise: null)
        );
        model.Parameters.RequireGradients();
        using var adam = new FlatAdam(model.Parameters, o.LearningRate!.Value);
        List<int[]> deal = planner.Deal(TrainingSetup.Order(Seed, epoch: 1));
        Assert.AreEqual(1, deal.Count % 2, "the last step has one batch alone");
        Assert.IsGreaterThan(2, deal.Count);
        foreach (int[][] pair in deal.Chunk(2))
        {
            Tensor sum = zeros_like(model.Parameters.Gradients); // (N)
            foreach (int[] windows in pair)
            {
                step.Accumulate(planner.Build(windows, new Random(0)));
                using var _ = no_grad();
                sum.add_(model.Parameters.Gradients);
                model.Parameters.Gradients.zero_();
            }
            using (no_grad())
            {
                model.Parameters.Gradients.copy_(mean ? sum / pair.Length : sum);
            }
            adam.Step();
        }
        model.Parameters.DropGradients();
        return model;
    }
}
