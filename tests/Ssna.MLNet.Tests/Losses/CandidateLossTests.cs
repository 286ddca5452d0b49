using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

[TestClass]
public sealed class CandidateLossTests
{
    private const float Temperature = 0.2f;

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow(0f, false, false)]
    [DataRow(0.1f, false, false)]
    [DataRow(0f, true, true)]
    [DataRow(0.1f, true, true)]
    public void Loss_and_gradients_are_those_of_autograd_whatever_the_block(float smoothing, bool masked, bool biased)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        Tensor users = nn.functional.normalize(randn(7, 5, generator: generator), 2, 1, 1e-12).requires_grad_(true);
        Tensor candidates = nn
            .functional.normalize(randn(11, 5, generator: generator), 2, 1, 1e-12)
            .requires_grad_(true);
        Tensor targets = tensor([0L, 3, 10, 3, 7, 1, 2]);
        Tensor? bias = biased ? randn(11, generator: generator) : null;
        Tensor? mask = masked ? rand(7, 11, generator: generator).lt(0.4) : null;

        mask?.scatter_(1, targets.unsqueeze(1), zeros(7, 1, dtype: ScalarType.Bool)); // a target is never masked

        Tensor logits = users.mm(candidates.t()) / Temperature; // (7, 11)
        logits = bias is null ? logits : logits + bias;
        logits = mask is null ? logits : logits.masked_fill(mask, float.NegativeInfinity);
        Tensor log = logits.log_softmax(1);
        Tensor open = mask is null ? ones(7, 11) : mask.logical_not().to(ScalarType.Float32);
        Tensor wanted = open * smoothing / open.sum(1, keepdim: true);
        wanted = wanted.scatter_add(1, targets.unsqueeze(1), full([7, 1], 1 - smoothing));
        Tensor loss = (log.masked_fill(open.eq(0), 0) * wanted).sum().neg() / 7f;
        loss.backward();

        foreach (int block in (int[])[1, 3, 100])
        {
            (Tensor found, Tensor userGradient, Tensor candidateGradient) = new CandidateLoss(
                Temperature,
                smoothing,
                block
            ).Compute(
                users,
                candidates,
                targets,
                mask is null ? null : (from, count) => mask.narrow(0, from, count),
                bias,
                cases: 7,
                ForwardPass.Exact
            );
            Assert.AreEqual(loss.item<float>(), found.item<float>(), 1e-5f, $"loss in blocks of {block}");
            Assert.IsLessThan(
                1e-5f,
                (users.grad! - userGradient).abs().max().item<float>(),
                $"users in blocks of {block}"
            );
            Assert.IsLessThan(
                1e-5f,
                (candidates.grad! - candidateGradient).abs().max().item<float>(),
                $"candidates in blocks of {block}"
            );
        }
    }

    [TestMethod]
    public void No_negatives_are_equal_items_targets_of_the_same_user_and_seen_items_but_the_own_target_stays()
    {
        using var scope = NewDisposeScope();
        Tensor items = tensor([5L, 6, 5, 7]);
        Tensor users = tensor([0L, 0, 1, 2]);
        var mask = new InBatchMask(items, users, tensor([(3L * 4) + 1, (3L * 4) + 3])); // row 3 saw the items of rows 1 and 3
        bool[] expected =
        [
            false,
            true,
            true,
            false, //
            true,
            false,
            false,
            false, //
            true,
            false,
            false,
            false, //
            false,
            true,
            false,
            false,
        ];
        CollectionAssert.AreEqual(expected, mask.Rows(0, 4).flatten().data<bool>().ToArray());
        CollectionAssert.AreEqual(expected[8..], mask.Rows(2, 2).flatten().data<bool>().ToArray());
        var unseen = new InBatchMask(items, users, null);
        Assert.IsFalse(unseen.Rows(3, 1).any().item<bool>());
    }
}
