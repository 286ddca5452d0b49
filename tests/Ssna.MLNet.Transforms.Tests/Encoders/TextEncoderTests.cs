using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

[TestClass]
public sealed class TextEncoderTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Order_padding_and_batch_size_change_nothing_beyond_rounding(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        using TextEncoder encoder = TextEncoder.Create(TinyEncoder.Configuration(family), seed: 1);
        encoder.SetTrainable(false);
        // Larger than a fresh encoder's weights, so that tokens attend to one another unevenly.
        foreach ((_, TorchSharp.Modules.Parameter value) in encoder.Parameters)
        {
            value.mul_(3f);
        }
        int[][] rows = TinyEncoder.Rows(seed: 2, count: 9, longest: 13);
        Tensor alone = cat(rows.Select(row => Cls(encoder, [row])).ToArray(), 0); // (rows, layers, D)
        Tensor together = Cls(encoder, rows); // (rows, layers, D)
        Tensor reversed = Cls(encoder, [.. rows.Reverse()]).flip(0); // (rows, layers, D)
        int[][] longer = [.. rows, .. TinyEncoder.Rows(seed: 3, count: 1, longest: 16)];
        Tensor padded = Cls(encoder, longer).narrow(0, 0, rows.Length); // (rows, layers, D)

        foreach (Tensor other in new[] { together, reversed, padded })
        {
            Assert.IsLessThan(1e-5f, (alone - other).abs().max().item<float>());
        }
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Cls_of_top_layers_is_the_first_token_of_the_hidden_states_top_first(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        using TextEncoder encoder = TextEncoder.Create(TinyEncoder.Configuration(family), seed: 1);
        (Tensor ids, Tensor lengths) = encoder.Pad(TinyEncoder.Rows(seed: 4, count: 5, longest: 9)); // (B, T), (B)
        Tensor states = encoder.HiddenStates(ids, lengths); // (layers + 1, B, T, D)
        for (int layers = 1; layers <= encoder.LayerCount; layers++)
        {
            Tensor cls = encoder.ClsOfTopLayers(ids, lengths, layers); // (B, layers, D)
            CollectionAssert.AreEqual(new long[] { 5, layers, encoder.Width }, cls.shape);
            for (int m = 0; m < layers; m++)
            {
                Tensor expected = states[encoder.LayerCount - m].select(1, 0); // (B, D)
                Assert.IsLessThan(1e-5f, (cls.select(1, m) - expected).abs().max().item<float>());
            }
        }
    }

    [TestMethod]
    public void Threads_share_an_encoder()
    {
        using TextEncoder encoder = TextEncoder.Create(TinyEncoder.Configuration(nameof(EncoderFamily.Bert)), seed: 1);
        encoder.SetTrainable(false);
        int[][] rows = TinyEncoder.Rows(seed: 5, count: 3, longest: 9);
        using Tensor expected = Cls(encoder, rows); // (rows, layers, D)
        Parallel.For(
            0,
            20,
            _ =>
            {
                using DisposeScope scope = NewDisposeScope();
                Assert.IsLessThan(1e-5f, (Cls(encoder, rows) - expected).abs().max().item<float>());
            }
        );
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void A_computation_leaves_no_tensor_behind_but_its_result(string family)
    {
        using TextEncoder encoder = TextEncoder.Create(TinyEncoder.Configuration(family), seed: 1);
        encoder.SetTrainable(false);
        using DisposeScope scope = NewDisposeScope();
        (Tensor ids, Tensor lengths) = encoder.Pad(TinyEncoder.Rows(seed: 6, count: 4, longest: 9)); // (B, T), (B)
        int before = scope.DisposablesCount;
        _ = encoder.ClsOfTopLayers(ids, lengths, 2); // (B, 2, D)
        _ = encoder.HiddenStates(ids, lengths); // (layers + 1, B, T, D)
        Assert.AreEqual(before + 2, scope.DisposablesCount);
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void A_saved_encoder_loads_as_it_was(string family)
    {
        foreach (EncoderActivation activation in Enum.GetValues<EncoderActivation>())
        {
            LoadsAsItWas(TinyEncoder.Configuration(family) with { Activation = activation });
        }
    }

    private static void LoadsAsItWas(EncoderConfiguration configuration)
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        using TextEncoder encoder = TextEncoder.Create(configuration, seed: 7);
        encoder.SetTrainable(false); // with gradients, attention takes another road, which rounds otherwise
        encoder.Save(folder.Path);
        using TextEncoder loaded = TextEncoder.Load(folder.Path, CPU, ComputePrecision.Float32);

        Assert.AreEqual(configuration, loaded.Configuration);
        int[][] rows = TinyEncoder.Rows(seed: 8, count: 3, longest: 9);
        Assert.IsTrue(Cls(encoder, rows).equal(Cls(loaded, rows)).all().item<bool>());
    }

    [TestMethod]
    public void The_seed_decides_the_weights()
    {
        using DisposeScope scope = NewDisposeScope();
        using TextEncoder one = TextEncoder.Create(TinyEncoder.Configuration(nameof(EncoderFamily.Bert)), seed: 1);
        using TextEncoder same = TextEncoder.Create(TinyEncoder.Configuration(nameof(EncoderFamily.Bert)), seed: 1);
        using TextEncoder other = TextEncoder.Create(TinyEncoder.Configuration(nameof(EncoderFamily.Bert)), seed: 2);
        int[][] rows = TinyEncoder.Rows(seed: 9, count: 2, longest: 5);
        Assert.IsTrue(Cls(one, rows).equal(Cls(same, rows)).all().item<bool>());
        Assert.IsFalse(Cls(one, rows).equal(Cls(other, rows)).all().item<bool>());
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Training_moves_every_parameter_and_lowers_the_loss(string family)
    {
        foreach (EncoderActivation activation in Enum.GetValues<EncoderActivation>())
        {
            LowersTheLoss(TinyEncoder.Configuration(family) with { Activation = activation });
        }
    }

    private static void LowersTheLoss(EncoderConfiguration configuration)
    {
        using DisposeScope scope = NewDisposeScope();
        using TextEncoder encoder = TextEncoder.Create(configuration, seed: 1);
        using var adam = optim.Adam(encoder.Parameters.Select(parameter => parameter.Value), lr: 1e-2);
        (Tensor ids, Tensor lengths) = encoder.Pad(TinyEncoder.Rows(seed: 10, count: 8, longest: 8)); // (B, T), (B)
        Tensor target = randn([8, encoder.Width], generator: new Generator(11)); // (B, D)
        float first = 0;
        float last = 0;
        for (int step = 0; step < 20; step++)
        {
            using DisposeScope stepScope = NewDisposeScope();
            adam.zero_grad();
            Tensor top = encoder.HiddenStates(ids, lengths)[-1]; // (B, T, D)
            Tensor loss = (top.select(1, 0) - target).square().mean(); // ()
            loss.backward();
            if (step == 0)
            {
                first = loss.item<float>();
                foreach ((string name, TorchSharp.Modules.Parameter value) in encoder.Parameters)
                {
                    Assert.IsTrue(value.grad is { } grad && grad.abs().max().item<float>() > 0, name);
                }
            }
            adam.step();
            last = loss.item<float>();
        }
        Assert.IsLessThan(first / 2, last);
    }

    [TestMethod]
    public void Rows_that_the_encoder_cannot_take_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        using TextEncoder encoder = TextEncoder.Create(
            TinyEncoder.Configuration(nameof(EncoderFamily.Roberta)),
            seed: 1
        );
        Tensor one = tensor(new long[] { 1 }); // (1)
        Names("17 tokens", ones([1, 17], ScalarType.Int64), tensor(new long[] { 17 }));
        Names(
            "expected token ids from 0 to 28",
            tensor(
                new long[,]
                {
                    { 29 },
                }
            ),
            one
        );
        Names(
            "expected token ids from 0 to 28",
            tensor(
                new long[,]
                {
                    { -1 },
                }
            ),
            one
        );
        Names(
            "lengths from 1 to 1",
            tensor(
                new long[,]
                {
                    { 1 },
                }
            ),
            tensor(new long[] { 2 })
        );
        Names(
            "lengths from 1 to 1",
            tensor(
                new long[,]
                {
                    { 1 },
                }
            ),
            tensor(new long[] { 0 })
        );
        Names("(B, T)", tensor(new long[] { 1 }), one);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            encoder.ClsOfTopLayers(
                tensor(
                    new long[,]
                    {
                        { 1 },
                    }
                ),
                one,
                encoder.LayerCount + 1
            )
        );

        void Names(string expected, Tensor ids, Tensor lengths) =>
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentException>(() => encoder.HiddenStates(ids, lengths)).Message,
                expected,
                StringComparison.OrdinalIgnoreCase
            );
    }

    private static Tensor Cls(TextEncoder encoder, int[][] rows)
    {
        (Tensor ids, Tensor lengths) = encoder.Pad(rows); // (B, T), (B)
        return encoder.ClsOfTopLayers(ids, lengths, encoder.LayerCount); // (B, layers, D)
    }
}
