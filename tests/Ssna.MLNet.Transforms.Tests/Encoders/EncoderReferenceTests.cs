using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

/// <summary>Hidden states agree with those of Hugging Face's library.</summary>
[TestClass]
public sealed class EncoderReferenceTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Hidden_states_agree_with_every_reference_checkpoint()
    {
        string[] folders =
        [
            .. Directory.GetDirectories(SharedFolder.Require("refs", "encoders")),
            SharedFolder.Require("refs", "mpnet", "bare"),
            SharedFolder.Require("refs", "mpnet", "mlm-prefix"),
        ];
        CollectionAssert.AreEquivalent(
            EncoderFamily.All.ToArray(),
            folders.Select(folder => EncoderConfiguration.Load(folder).Family).Distinct().ToArray(),
            "a family without a reference"
        );
        foreach (string folder in folders)
        {
            using DisposeScope scope = NewDisposeScope();
            using TextEncoder encoder = TextEncoder.Load(folder, CPU, ComputePrecision.Float32);
            using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
            Tensor ids = golden.ReadRaw("input_ids"); // (B, T)
            Tensor mask = golden.ReadRaw("attention_mask"); // (B, T)
            Tensor lengths = mask.sum(1); // (B)
            Tensor expected = golden.Read("hidden_states"); // (layers + 1, B, T, D)
            Tensor cls = golden.Read("cls"); // (layers + 1, B, D)

            Tensor states = encoder.HiddenStates(ids, lengths); // (layers + 1, B, T, D)
            Tensor difference = (states - expected).abs() * mask.unsqueeze(-1); // (layers + 1, B, T, D)
            IsWithin(2e-5, difference, $"{folder}: hidden states");

            Tensor top = encoder.ClsOfTopLayers(ids, lengths, encoder.LayerCount); // (B, layers, D)
            Tensor fromTop = cls.narrow(0, 1, encoder.LayerCount).flip(0).transpose(0, 1); // (B, layers, D)
            IsWithin(2e-5, (top - fromTop).abs(), $"{folder}: cls");
        }
    }

    [TestMethod]
    public void Cls_of_real_texts_agrees_with_the_reference()
    {
        string folder = SharedFolder.Require("models", "all-MiniLM-L6-v2");
        string reference = SharedFolder.Require("refs", "minilm");
        using DisposeScope scope = NewDisposeScope();
        int[][] rows = ReferenceTexts.TokenIds(reference);
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(reference, "cls.safetensors"));
        using TextEncoder encoder = TextEncoder.Load(folder, CPU, ComputePrecision.Float32);
        Tensor expected = golden.Read("cls").narrow(1, 1, encoder.LayerCount).flip(1); // (texts, layers, D)
        foreach (int[] batch in ReferenceTexts.Batches(rows))
        {
            (Tensor ids, Tensor lengths) = encoder.Pad(Array.ConvertAll(batch, i => rows[i])); // (B, T), (B)
            Tensor cls = encoder.ClsOfTopLayers(ids, lengths, encoder.LayerCount); // (B, layers, D)
            Tensor wanted = expected.index_select(0, tensor(Array.ConvertAll(batch, i => (long)i))); // (B, layers, D)
            IsWithin(2e-4, (cls - wanted).abs(), $"cls of texts {string.Join(", ", batch)}");
        }
    }

    [TestMethod]
    public void BFloat16_points_the_same_way_as_float32()
    {
        string folder = SharedFolder.Require("models", "all-MiniLM-L6-v2");
        string reference = SharedFolder.Require("refs", "minilm");
        using DisposeScope scope = NewDisposeScope();
        int[][] rows = [.. ReferenceTexts.TokenIds(reference).Where(row => row.Length < 100)];
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(reference, "cls.safetensors"));
        using TextEncoder exact = TextEncoder.Load(folder, CPU, ComputePrecision.Float32);
        using TextEncoder coarse = TextEncoder.Load(folder, CPU, ComputePrecision.BFloat16);
        (Tensor ids, Tensor lengths) = exact.Pad(rows); // (B, T), (B)

        Tensor cosine = nn.functional.cosine_similarity(
            exact.ClsOfTopLayers(ids, lengths, exact.LayerCount),
            coarse.ClsOfTopLayers(ids, lengths, exact.LayerCount),
            dim: 2
        ); // (B, layers)
        Assert.IsGreaterThan(0.999f, cosine.min().item<float>());
    }

    private static void IsWithin(double tolerance, Tensor difference, string what)
    {
        float worst = difference.max().item<float>();
        Assert.IsTrue(worst <= tolerance, $"{what}: expected a difference of at most {tolerance}, found {worst}.");
    }
}
