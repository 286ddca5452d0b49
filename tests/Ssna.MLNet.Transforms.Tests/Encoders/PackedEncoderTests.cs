using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

/// <summary>What encoders in bfloat16 on a CPU compute by oneDNN is what they compute by libtorch's own products.</summary>
[TestClass]
public sealed class PackedEncoderTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Every_family_and_activation_points_the_same_way_as_its_float32(string family)
    {
        foreach (EncoderActivation activation in Enum.GetValues<EncoderActivation>())
        {
            using DisposeScope scope = NewDisposeScope();
            using var frozen = TensorState.Frozen();
            using var folder = new TemporaryFolder();
            using TextEncoder exact = Written(
                folder,
                TinyEncoder.Configuration(family) with
                {
                    Activation = activation,
                }
            );
            using TextEncoder coarse = TextEncoder.Load(folder.Path, CPU, ComputePrecision.BFloat16);
            int[][] rows = TinyEncoder.Rows(seed: 5, count: 9, longest: 13);
            Tensor cosine = cosine_similarity(Cls(exact, rows), Cls(coarse, rows), dim: 2); // (rows, layers)
            Assert.IsGreaterThan(0.999f, cosine.min().item<float>(), $"{activation}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Order_padding_and_batch_size_change_nothing_beyond_rounding(string family)
    {
        using DisposeScope scope = NewDisposeScope();
        using var frozen = TensorState.Frozen();
        using var folder = new TemporaryFolder();
        Written(folder, TinyEncoder.Configuration(family)).Dispose();
        using TextEncoder encoder = TextEncoder.Load(folder.Path, CPU, ComputePrecision.BFloat16);
        int[][] rows = TinyEncoder.Rows(seed: 5, count: 9, longest: 13);
        Tensor together = Cls(encoder, rows); // (rows, layers, D)
        Tensor alone = cat(rows.Select(row => Cls(encoder, [row])).ToArray(), 0); // (rows, layers, D)
        Tensor padded = Cls(encoder, [.. rows, [.. Enumerable.Repeat(7, 16)]]).narrow(0, 0, rows.Length); // (rows, layers, D)
        Assert.IsLessThan(0.05f, (together - alone).abs().max().item<float>());
        Assert.IsLessThan(0.05f, (together - padded).abs().max().item<float>());
    }

    [TestMethod]
    public void Weights_that_are_changed_in_between_are_the_ones_that_count()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Written(folder, TinyEncoder.Configuration(nameof(EncoderFamily.Bert))).Dispose();
        using TextEncoder encoder = TextEncoder.Load(folder.Path, CPU, ComputePrecision.BFloat16);
        int[][] rows = TinyEncoder.Rows(seed: 5, count: 4, longest: 9);
        using (TensorState.Frozen())
        {
            _ = Cls(encoder, rows);
        }
        encoder.SetTrainable(true);
        using (TensorState.Frozen())
        {
            foreach ((string name, TorchSharp.Modules.Parameter value) in encoder.Parameters)
            {
                if (name.EndsWith("weight", StringComparison.Ordinal))
                {
                    value.mul_(-2f);
                }
            }
        }
        using var changed = new TemporaryFolder();
        encoder.Save(changed.Path);
        using TextEncoder anew = TextEncoder.Load(changed.Path, CPU, ComputePrecision.BFloat16);
        encoder.SetTrainable(false);
        using (TensorState.Frozen())
        {
            Assert.IsTrue(Cls(encoder, rows).equal(Cls(anew, rows)).all().item<bool>());
        }
    }

    private static TextEncoder Written(TemporaryFolder folder, EncoderConfiguration configuration)
    {
        TextEncoder encoder = TextEncoder.Create(configuration, seed: 1);
        encoder.SetTrainable(false);
        encoder.Save(folder.Path);
        return encoder;
    }

    private static Tensor Cls(TextEncoder encoder, int[][] rows)
    {
        (Tensor ids, Tensor lengths) = encoder.Pad(rows); // (B, T), (B)
        return encoder.ClsOfTopLayers(ids, lengths, encoder.LayerCount); // (B, layers, D)
    }
}
