using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed class TrainingStepTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow("FullCatalogue")]
    [DataRow("SampledCatalogue")]
    [DataRow("InBatch")]
    [DataRow("BinaryCrossEntropy")]
    public void Rounded_products_give_nearly_the_loss_and_gradients_of_exact_ones(string kind)
    {
        using var scope = NewDisposeScope();
        (float exact, Tensor exactGradients) = LossAndGradients(kind, ComputePrecision.Float32);
        (float rounded, Tensor roundedGradients) = LossAndGradients(kind, ComputePrecision.BFloat16);
        Assert.AreEqual(exact, rounded, 0.01f * exact);
        Assert.AreNotEqual(exact, rounded, "products are rounded indeed");
        float cosine = nn.functional.cosine_similarity(exactGradients, roundedGradients, 0, 1e-12).item<float>();
        Assert.IsGreaterThan(0.995f, cosine);
        Assert.AreEqual(1f, (roundedGradients.norm() / exactGradients.norm()).item<float>(), 0.02f);
    }

    private static (float Loss, Tensor Gradients) LossAndGradients(string kind, ComputePrecision precision)
    {
        SsnaTrainer.Options options = CircleShop.Options();
        TrainingLoss loss = CircleShop.Loss(kind);
        using Tensor features = CircleShop.Features();
        using SsnaModel model = Runs.Model(options, features, seed: 2);
        using Tensor items = model.Items.Prepare(features);
        var settings = BatchPlanner.Settings.Of(options, loss);
        var planner = new BatchPlanner(CircleShop.Sequences(30), CircleShop.Items, settings);
        model.Parameters.RequireGradients();
        using BatchLoss started = CircleShop.Start(loss, planner);
        var step = new TrainingStep(
            model,
            Held.Of(items),
            started,
            itemDropout: 0,
            new ForwardPass(precision, noise: null)
        );
        TrainingBatch batch = planner.Build(planner.Deal(new Random(1))[0], new Random(1));
        long alive = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Tensor found = step.Accumulate(batch);
        Assert.AreEqual(alive + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "no tensor stays but the loss");
        return (found.item<float>(), model.Parameters.Gradients.clone());
    }
}
