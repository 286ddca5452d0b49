using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

/// <summary>Which tensors of a checkpoint are taken, left aside or refused.</summary>
[TestClass]
public sealed class EncoderWeightsTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Prefixes_old_norm_names_heads_and_buffers_do_not_matter(string family)
    {
        DoesNotMatter(family, TinyEncoder.Configuration(family).Family.Prefix);
        DoesNotMatter(family, "model.");
    }

    private static void DoesNotMatter(string family, string prefix)
    {
        using DisposeScope scope = NewDisposeScope();
        using TemporaryFolder folder = Saved(family, out TextEncoder encoder);
        using (encoder)
        {
            Rewrite(
                folder,
                tensors =>
                    [
                        .. tensors.Select(tensor =>
                            (
                                prefix
                                    + tensor
                                        .Name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
                                        .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal),
                                tensor.Value
                            )
                        ),
                        .. Heads.Select(head => (head, zeros(2))),
                        ($"{prefix}embeddings.position_ids", arange(16).unsqueeze(0)),
                        ($"{prefix}pooler.dense.weight", zeros(2)),
                    ]
            );
            using TextEncoder loaded = TextEncoder.Load(folder.Path, CPU, ComputePrecision.Float32);
            foreach ((var expected, var found) in encoder.Parameters.Zip(loaded.Parameters))
            {
                Assert.AreEqual(expected.Name, found.Name);
                Assert.IsTrue(expected.Value.equal(found.Value).all().item<bool>(), expected.Name);
            }
        }
    }

    [TestMethod]
    public void A_missing_tensor_is_named()
    {
        const string missing = "encoder.layer.1.attention.self.key.weight";
        Names(tensors => [.. tensors.Where(tensor => tensor.Name != missing)], missing, "missing");
    }

    [TestMethod]
    public void A_misshapen_tensor_is_named_with_both_shapes()
    {
        const string misshapen = "encoder.layer.0.output.dense.weight";
        Names(
            tensors => [.. tensors.Select(tensor => tensor.Name == misshapen ? (misshapen, zeros(16, 25)) : tensor)],
            misshapen,
            "[16, 24]",
            "[16, 25]"
        );
    }

    [TestMethod]
    public void A_tensor_of_whole_numbers_is_named()
    {
        const string whole = "embeddings.LayerNorm.bias";
        Names(
            tensors => [.. tensors.Select(t => t.Name == whole ? (whole, zeros([16], ScalarType.Int64)) : t)],
            whole,
            "I64"
        );
    }

    [TestMethod]
    [DataRow("encoder.layer.3.output.dense.bias")]
    [DataRow("encoder.layer.0.adapter.weight")]
    [DataRow("embeddings.extra.weight")]
    public void Any_other_surplus_is_named(string surplus) =>
        Names(tensors => [.. tensors, (surplus, zeros(1))], surplus, "no use");

    [TestMethod]
    public void One_weight_under_two_names_is_refused() =>
        Names(
            tensors => [.. tensors, ("bert.embeddings.LayerNorm.gamma", ones(16))],
            "embeddings.LayerNorm.weight",
            "bert.embeddings.LayerNorm.gamma"
        );

    [TestMethod]
    public void BFloat16_keeps_matrices_in_bfloat16_and_all_else_in_float32()
    {
        using TemporaryFolder folder = Saved(nameof(EncoderFamily.Bert), out TextEncoder encoder);
        encoder.Dispose();
        using TextEncoder loaded = TextEncoder.Load(folder.Path, CPU, ComputePrecision.BFloat16);
        foreach ((string name, TorchSharp.Modules.Parameter value) in loaded.Parameters)
        {
            bool linear =
                name.Contains("qkv", StringComparison.Ordinal)
                || name.Contains("output", StringComparison.Ordinal)
                || name.Contains("inner", StringComparison.Ordinal);
            Assert.AreEqual(linear ? ScalarType.BFloat16 : ScalarType.Float32, value.dtype, name);
        }
    }

    private static readonly string[] Heads =
    [
        "cls.predictions.bias",
        "lm_head.dense.weight",
        "vocab_projector.weight",
        "classifier.weight",
        "pre_classifier.bias",
        "qa_outputs.weight",
    ];

    private static void Names(
        Func<IReadOnlyList<(string Name, Tensor Value)>, IReadOnlyList<(string, Tensor)>> change,
        params string[] named
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using TemporaryFolder folder = Saved(nameof(EncoderFamily.Bert), out TextEncoder encoder);
        encoder.Dispose();
        Rewrite(folder, change);
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => TextEncoder.Load(folder.Path, CPU, ComputePrecision.Float32))
            .Message;
        StringAssert.Contains(message, folder.Path);
        foreach (string name in named)
        {
            StringAssert.Contains(message, name);
        }
    }

    private static TemporaryFolder Saved(string family, out TextEncoder encoder)
    {
        var folder = new TemporaryFolder();
        encoder = TextEncoder.Create(TinyEncoder.Configuration(family), seed: 1);
        encoder.Save(folder.Path);
        return folder;
    }

    private static void Rewrite(
        TemporaryFolder folder,
        Func<IReadOnlyList<(string Name, Tensor Value)>, IReadOnlyList<(string, Tensor)>> change
    )
    {
        string path = folder["model.safetensors"];
        (string, Tensor)[] tensors;
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            tensors = [.. file.Names.Select(name => (name, file.ReadRaw(name)))];
        }
        SafetensorsWriter.Write(path, change(tensors));
    }
}
