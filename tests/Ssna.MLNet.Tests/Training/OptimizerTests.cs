using Microsoft.ML;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed class OptimizerTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Adam_over_the_flat_buffer_steps_as_PyTorchs_Adam_does()
    {
        using var scope = NewDisposeScope();
        using ParameterBuffer parameters = Parameters();
        using var adam = new FlatAdam(parameters, 0.01);
        TorchSharp.Modules.Parameter[] twins =
        [
            .. parameters.All.Select(p => new TorchSharp.Modules.Parameter(p.Value.detach().clone())),
        ];
        using optim.Optimizer reference = optim.Adam(twins, 0.01);
        for (int step = 0; step < 5; step++)
        {
            reference.zero_grad();
            for (int i = 0; i < twins.Length; i++)
            {
                Tensor target = full_like(twins[i], step - 2).detach();
                autograd.backward((parameters.All[i].Value - target).pow(2).sum());
                autograd.backward((twins[i] - target).pow(2).sum());
            }
            reference.step();
            adam.Step();
            Assert.AreEqual(0, parameters.Gradients.abs().max().item<float>(), "gradients are ready for the next step");
        }
        for (int i = 0; i < twins.Length; i++)
        {
            Assert.IsLessThan(1e-5f, (twins[i] - parameters.All[i].Value).abs().max().item<float>());
        }
    }

    [TestMethod]
    public void Averaged_weights_are_the_mean_of_the_steps_and_give_way_to_the_trained_ones()
    {
        using var scope = NewDisposeScope();
        using ParameterBuffer parameters = Parameters();
        using var average = new WeightAverage(parameters, 0.75);
        double expected = 0;
        for (int step = 1; step <= 6; step++)
        {
            parameters.Values.fill_(step * step);
            average.Add();
            // The plain mean of four steps, then exponential.
            expected =
                step <= 4 ? (expected * (step - 1) + (step * step)) / step : (0.75 * expected) + (0.25 * step * step);
        }
        using (average.Use())
        {
            Assert.AreEqual(expected, parameters.All[0].Value.mean().item<float>(), 1e-4);
        }
        Assert.AreEqual(36f, parameters.All[0].Value.mean().item<float>());
    }

    [TestMethod]
    public void A_float16_overflow_skips_the_step_and_halves_the_scale()
    {
        using var scope = NewDisposeScope();
        var scale = new LossScale();
        float before = scale.Value;
        Tensor gradients = tensor([1f, 2f]) * before;
        Assert.IsTrue(scale.Unscale(gradients));
        CollectionAssert.AreEqual((float[])[1, 2], gradients.data<float>().ToArray());

        Tensor overflown = tensor([1f, float.PositiveInfinity]);
        Assert.IsFalse(scale.Unscale(overflown));
        CollectionAssert.AreEqual((float[])[0, 0], overflown.data<float>().ToArray());
        Assert.AreEqual(before / 2, scale.Value);

        for (int step = 0; step < 2000; step++)
        {
            Assert.IsTrue(scale.Unscale(gradients));
        }
        Assert.AreEqual(before, scale.Value, "a long run without overflow doubles it again");
    }

    [TestMethod]
    public void The_scale_has_a_floor_and_skipped_steps_are_said_once_an_epoch()
    {
        using var scope = NewDisposeScope();
        var scale = new LossScale();
        var warnings = new List<string>();
        Warn(scale, warnings, epoch: 1);
        Assert.IsEmpty(warnings, "nothing was skipped");
        for (int step = 0; step < 30; step++)
        {
            Assert.IsFalse(scale.Unscale(tensor([float.NaN])));
        }
        Assert.AreEqual(1f, scale.Value);
        Warn(scale, warnings, epoch: 2);
        Warn(scale, warnings, epoch: 3);
        StringAssert.Contains(warnings.Single(), "Epoch 2: 30 steps overflowed Float16");
        StringAssert.Contains(warnings.Single(), "Precision Float32");
    }

    private static void Warn(LossScale scale, List<string> warnings, int epoch)
    {
        var context = new MLContext();
        context.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Warning)
            {
                warnings.Add(entry.RawMessage);
            }
        };
        using IChannel channel = ((IChannelProvider)context).Start(nameof(LossScale));
        scale.Report(new RunContext(host: null, channel), epoch);
    }

    private static ParameterBuffer Parameters()
    {
        var parameters = new ParameterBuffer();
        parameters.Declare("a", Initialization.Normal, 3, 5);
        parameters.Declare("b", Initialization.One, 7);
        parameters.Allocate(CPU);
        using var generator = new Generator(1, CPU);
        parameters.Initialize(generator);
        parameters.RequireGradients();
        return parameters;
    }
}
