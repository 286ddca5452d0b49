using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Data;
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
    [DataRow(SsnaLoss.FullCatalogue)]
    [DataRow(SsnaLoss.InBatch)]
    public void Rounded_products_give_nearly_the_loss_and_gradients_of_exact_ones(SsnaLoss loss)
    {
        using var scope = NewDisposeScope();
        (float exact, Tensor exactGradients) = LossAndGradients(loss, ComputePrecision.Float32);
        (float rounded, Tensor roundedGradients) = LossAndGradients(loss, ComputePrecision.BFloat16);
        Assert.AreEqual(exact, rounded, 0.01f * exact);
        Assert.AreNotEqual(exact, rounded, "products are rounded indeed");
        float cosine = nn.functional.cosine_similarity(exactGradients, roundedGradients, 0, 1e-12).item<float>();
        Assert.IsGreaterThan(0.995f, cosine);
        Assert.AreEqual(1f, (roundedGradients.norm() / exactGradients.norm()).item<float>(), 0.02f);
    }

    private static (float Loss, Tensor Gradients) LossAndGradients(SsnaLoss loss, ComputePrecision precision)
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.Loss = loss;
        using Tensor features = CircleShop.Features();
        using SsnaModel model = SsnaModel.Create(options, features, seed: 2);
        using Tensor items = model.Items.Prepare(features);
        var settings = BatchPlanner.Settings.Of(options, loss);
        var planner = new BatchPlanner(CircleShop.Sequences(30), CircleShop.Items, settings);
        model.Parameters.RequireGradients();
        var step = new TrainingStep(model, items, loss, null, options, new ForwardPass(precision, noise: null));
        TrainingBatch batch = planner.Build(planner.Deal(new Random(1))[0], new Random(1));
        long alive = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Tensor found = step.Accumulate(batch);
        Assert.AreEqual(alive + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "no tensor stays but the loss");
        return (found.item<float>(), model.Parameters.Gradients.clone());
    }
}
