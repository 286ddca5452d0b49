using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Onnx;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Transforms.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Transforms.Tests.Onnx;

/// <summary>What ONNX Runtime computes of an exported encoder is what the encoder computes.</summary>
[TestClass]
public sealed class EncoderOnnxTests
{
    private static readonly Dictionary<string, string> s_noMetadata = [];

    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void Every_family_gives_the_same_layers_whatever_batch_and_length(string family)
    {
        foreach (EncoderActivation activation in Enum.GetValues<EncoderActivation>())
        {
            EncoderConfiguration configuration = TinyEncoder.Configuration(family) with { Activation = activation };
            using TextEncoder encoder = Large(configuration);
            for (int layers = 1; layers <= encoder.LayerCount; layers++)
            {
                using OnnxSession session = Export(encoder, layers);
                foreach ((int count, int longest) in ((int, int)[])[(1, 1), (1, 16), (7, 11), (3, 16)])
                {
                    int[][] rows = TinyEncoder.Rows(layers, count, longest);
                    AreClose(encoder, layers, rows, session, 2e-5f, $"{family}, {activation}, {count} x {longest}");
                }
            }
        }
    }

    [TestMethod]
    public void A_padding_token_inside_a_text_counts_as_it_does_in_the_encoder()
    {
        using TextEncoder encoder = Large(TinyEncoder.Configuration("Roberta"));
        using OnnxSession session = Export(encoder, 2);
        int pad = encoder.Configuration.PadId;
        AreClose(
            encoder,
            2,
            [
                [5, pad, 7, 8],
                [9, 3],
            ],
            session,
            2e-5f,
            "padding inside"
        );
    }

    [TestMethod]
    public void Every_reference_checkpoint_agrees_with_the_reference()
    {
        string[] folders =
        [
            .. Directory.GetDirectories(SharedFolder.Require("refs", "encoders")),
            SharedFolder.Require("refs", "mpnet", "bare"),
        ];
        foreach (string folder in folders)
        {
            using DisposeScope scope = NewDisposeScope();
            using TextEncoder encoder = TextEncoder.Load(folder, CPU, ComputePrecision.Float32);
            using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
            Tensor ids = golden.ReadRaw("input_ids").to(ScalarType.Int64); // (B, T)
            Tensor mask = golden.ReadRaw("attention_mask").to(ScalarType.Int64); // (B, T)
            Tensor expected = golden.Read("cls").narrow(0, 1, encoder.LayerCount).flip(0).transpose(0, 1); // (B, layers, D)
            using OnnxSession session = Export(encoder, encoder.LayerCount);
            using IDisposableReadOnlyCollection<OrtValue> found = session.Run(
                ["layers"],
                ("input_ids", OnnxSession.Value(ids.data<long>().ToArray(), ids.shape)),
                ("attention_mask", OnnxSession.Value(mask.data<long>().ToArray(), mask.shape))
            );
            CollectionAssert.AreEqual(expected.shape, found[0].GetTensorTypeAndShape().Shape);
            AreClose(expected, found[0], 2e-5f, folder);
        }
    }

    [TestMethod]
    public void Real_texts_agree_with_the_reference()
    {
        string folder = SharedFolder.Require("models", "all-MiniLM-L6-v2");
        string reference = SharedFolder.Require("refs", "minilm");
        using DisposeScope scope = NewDisposeScope();
        int[][] rows = ReferenceTexts.TokenIds(reference);
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(reference, "cls.safetensors"));
        using TextEncoder encoder = TextEncoder.Load(folder, CPU, ComputePrecision.Float32);
        Tensor expected = golden.Read("cls").narrow(1, 1, encoder.LayerCount).flip(1); // (texts, layers, D)
        using OnnxSession session = Export(encoder, encoder.LayerCount);
        foreach (int[] batch in ReferenceTexts.Batches(rows))
        {
            using IDisposableReadOnlyCollection<OrtValue> found = Run(
                session,
                Array.ConvertAll(batch, i => rows[i]),
                encoder.Configuration.PadId
            );
            Tensor wanted = expected.index_select(0, tensor(Array.ConvertAll(batch, i => (long)i))); // (B, layers, D)
            AreClose(wanted, found[0], 2e-4f, $"texts {string.Join(", ", batch)}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.Families), typeof(TinyEncoder))]
    public void The_checker_of_the_format_finds_no_fault(string family)
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path, familyName: family);
        var context = new MLContext(1);
        IDataView texts = context.Data.LoadFromEnumerable(new[] { new { Text = "red pan" } });
        using EncoderLayersTransformer transformer = context
            .Transforms.Text.ExtractEncoderLayers("Layers", "Text", folder.Path, layers: 2)
            .Fit(texts);
        string path = folder["encoder.onnx"];
        transformer.ExportOnnx(path);
        Assert.AreEqual($"layers ['batch', 2, {TinyEncoder.Width}]", OnnxChecker.Check(path));
        using var session = new OnnxSession(path);
        Assert.AreEqual(family, session.Metadata["ssna.family"]);
        Assert.AreEqual("2", session.Metadata["ssna.layers"]);
        Assert.AreEqual($"{TinyEncoder.MaximumTokens}", session.Metadata["ssna.maximum_tokens"]);
    }

    [TestMethod]
    public void Weights_beside_the_file_are_the_same_model_and_go_when_a_smaller_one_takes_its_place()
    {
        using var folder = new TemporaryFolder();
        using TextEncoder encoder = Large(TinyEncoder.Configuration("MPNet"));
        using DisposeScope scope = NewDisposeScope();
        string path = folder["encoder.onnx"];
        OnnxFile.Write(path, encoder.ToOnnx(2), "", s_noMetadata, [], largestFile: 1000);
        Assert.IsTrue(File.Exists(path + ".data"));
        Assert.IsLessThan(new FileInfo(path + ".data").Length, new FileInfo(path).Length);
        using (var session = new OnnxSession(path))
        {
            AreClose(encoder, 2, TinyEncoder.Rows(1, 5, 9), session, 2e-5f, "weights beside");
        }
        OnnxFile.Write(path, encoder.ToOnnx(2), "", s_noMetadata, []);
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
    }

    /// <summary>Weights so large that every part of the encoder counts in what comes out.</summary>
    private static TextEncoder Large(EncoderConfiguration configuration)
    {
        using TextEncoder small = TextEncoder.Create(configuration, seed: 1);
        var random = new Generator(2);
        return small.Changed(
            (_, weight) => weight.add_(randn(weight.shape, ScalarType.Float32, generator: random).mul_(0.3f))
        );
    }

    private static OnnxSession Export(TextEncoder encoder, int layers)
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        using TensorState state = TensorState.Frozen();
        string path = folder["encoder.onnx"];
        OnnxFile.Write(path, encoder.ToOnnx(layers), "", s_noMetadata, []);
        return new OnnxSession(path);
    }

    private static IDisposableReadOnlyCollection<OrtValue> Run(OnnxSession session, int[][] rows, int padId) =>
        session.Run(
            ["layers"],
            ("input_ids", OnnxSession.Rows(rows, padId)),
            ("attention_mask", OnnxSession.Rows(Array.ConvertAll(rows, row => Array.ConvertAll(row, _ => 1)), 0))
        );

    private static void AreClose(
        TextEncoder encoder,
        int layers,
        int[][] rows,
        OnnxSession session,
        float tolerance,
        string what
    )
    {
        using DisposeScope scope = NewDisposeScope();
        using TensorState state = TensorState.Frozen();
        (Tensor ids, Tensor lengths) = encoder.Pad(rows); // (B, T), (B)
        using IDisposableReadOnlyCollection<OrtValue> found = Run(session, rows, encoder.Configuration.PadId);
        AreClose(encoder.ClsOfTopLayers(ids, lengths, layers), found[0], tolerance, what);
    }

    private static void AreClose(Tensor expected, OrtValue found, float tolerance, string what)
    {
        float[] wanted = expected.contiguous().data<float>().ToArray();
        ReadOnlySpan<float> values = found.GetTensorDataAsSpan<float>();
        Assert.AreEqual(wanted.Length, values.Length, what);
        float worst = 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(wanted[i] - values[i]));
        }
        Assert.IsTrue(worst <= tolerance, $"{what}: expected a difference of at most {tolerance}, found {worst}.");
    }
}
