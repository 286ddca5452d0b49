using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

[TestClass]
public sealed class BinaryLossTests
{
    private const float Temperature = 0.2f;
    private const float PositiveWeight = 0.3f;
    private const float Offset = 1.5f;

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Loss_and_gradients_are_those_of_autograd_over_the_published_formula_whatever_the_block()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        Tensor users = nn.functional.normalize(randn(7, 5, generator: generator), 2, 1, 1e-12).requires_grad_(true);
        Tensor candidates = nn
            .functional.normalize(randn(11, 5, generator: generator), 2, 1, 1e-12)
            .requires_grad_(true);
        long[] targets = [0, 3, 10, 3, 7, 1, 2];
        long[] negatives = [3, 3, 4, 10, 5]; // one twice, and some that are targets of a row

        Tensor logits = (users.mm(candidates.t()) / Temperature) - Offset; // (7, 11)
        Tensor loss = zeros(1);
        for (int row = 0; row < targets.Length; row++)
        {
            loss = loss - (PositiveWeight * logits[row, targets[row]].sigmoid().log());
            foreach (long negative in negatives.Where(negative => negative != targets[row]))
            {
                loss = loss - (1 - logits[row, negative].sigmoid()).log();
            }
        }
        loss = loss / (float)targets.Length;
        loss.backward();

        Tensor times = tensor(negatives).bincount(weights: null, minlength: 11); // (11)
        foreach (int block in (int[])[1, 3, 100])
        {
            LossGradients found = new BinaryLoss(Temperature, PositiveWeight, Offset, block).Compute(
                users,
                candidates,
                tensor(targets),
                times,
                targets.Length,
                ForwardPass.Exact
            );
            Assert.AreEqual(loss.item<float>(), found.Loss.item<float>(), 1e-5f, $"loss in blocks of {block}");
            Assert.IsLessThan(1e-5f, (users.grad! - found.Users).abs().max().item<float>(), $"blocks of {block}");
            Assert.IsLessThan(
                1e-5f,
                (candidates.grad! - found.Candidates).abs().max().item<float>(),
                $"blocks of {block}"
            );
        }
    }

    [TestMethod]
    // beta = a (t (1 - 1 / a) + 1 / a) of gSASRec's section 5, a = negatives / (items - 1).
    [DataRow(256, 0.75f, 4385, 0.2937956f)]
    [DataRow(256, 0f, 4385, 1f)]
    [DataRow(256, 1f, 4385, 0.0583942f)]
    [DataRow(100, 1f, 51, 1f, DisplayName = "every item is drawn")]
    public void The_targets_weight_is_that_of_the_published_calibration(
        int negatives,
        float calibration,
        int items,
        float expected
    )
    {
        var loss = new TrainingLoss.BinaryCrossEntropy { Negatives = negatives, Calibration = calibration };
        Assert.AreEqual(expected, loss.PositiveWeight(items), 1e-6f);
    }
}
