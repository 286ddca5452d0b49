using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

[TestClass]
public sealed class SoftmaxGradientTests
{
    private const int Rows = 9;
    private const int Candidates = 37;
    private const int Stored = 48;

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow(ScalarType.Float32, 1e-5f)]
    [DataRow(ScalarType.BFloat16, 0.005f)]
    public void Rows_in_memory_give_what_tensors_give(ScalarType type, float tolerance)
    {
        foreach (float smoothing in (float[])[0, 0.1f])
        {
            foreach ((bool masked, bool biased) in ((bool, bool)[])[(false, false), (true, false), (true, true)])
            {
                using var scope = NewDisposeScope();
                (Tensor inMemory, Tensor gradient) = SoftmaxGradient.InMemory(Block(type, smoothing, masked, biased));
                (Tensor byTensors, Tensor expected) = SoftmaxGradient.ByTensors(Block(type, smoothing, masked, biased));

                string what = $"smoothing {smoothing}, masked {masked}, biased {biased}";
                Assert.AreEqual(byTensors.item<float>(), inMemory.item<float>(), 1e-3f, what);
                Assert.AreEqual(type, gradient.dtype, what);
                Tensor difference = (gradient.to(ScalarType.Float32) - expected.to(ScalarType.Float32)).abs();
                Assert.IsLessThan(tolerance, difference.max().item<float>(), what);
                Assert.IsFalse(gradient.narrow(1, Candidates, Stored - Candidates).any().item<bool>(), what);
            }
        }
    }

    [TestMethod]
    public void A_logit_that_is_no_number_shows_in_the_loss_and_the_gradient()
    {
        using var scope = NewDisposeScope();
        LogitBlock block = Block(ScalarType.BFloat16, 0.1f, masked: false, biased: false);
        block.Logits[3, 5] = tensor(float.NaN, ScalarType.BFloat16);

        (Tensor loss, Tensor gradient) = SoftmaxGradient.InMemory(block);

        Assert.IsTrue(float.IsNaN(loss.item<float>()));
        Assert.IsTrue(gradient[3].narrow(0, 0, Candidates).isnan().all().item<bool>());
    }

    private static LogitBlock Block(ScalarType type, float smoothing, bool masked, bool biased)
    {
        using var generator = new Generator(1, CPU);
        Tensor targets = randint(0, Candidates, [Rows], dtype: ScalarType.Int64, generator: generator);
        Tensor logits = randn(Rows, Stored, generator: generator) * 3; // large ones beside small ones
        Tensor bias = randn(Candidates, generator: generator);
        Tensor mask = rand(Rows, Candidates, generator: generator).lt(0.4);
        mask.scatter_(1, targets.unsqueeze(1), zeros(Rows, 1, dtype: ScalarType.Bool));
        return new(logits.to(type), Candidates, targets, biased ? bias : null, masked ? mask : null, smoothing);
    }
}
