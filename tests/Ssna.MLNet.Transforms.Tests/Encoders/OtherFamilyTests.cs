using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Onnx;
using Ssna.MLNet.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

/// <summary>
/// A family that is nothing like BERT (norms before the blocks, positions turned into queries and keys, no biases, a norm at the
/// end, as ModernBERT has them) is one class of its own, in no file of the library.
/// </summary>
[TestClass]
public sealed class OtherFamilyTests
{
    private static readonly EncoderConfiguration Configuration = new()
    {
        Family = new Rotary(),
        VocabularySize = 29,
        Width = 16,
        LayerCount = 3,
        HeadCount = 4,
        InnerWidth = 24,
        MaximumPositions = 16,
        TokenTypes = 0,
    };

    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void It_is_computed_trained_and_adapted_like_the_others()
    {
        using DisposeScope scope = NewDisposeScope();
        using TextEncoder encoder = TextEncoder.Create(Configuration, seed: 1);
        (Tensor ids, Tensor lengths) = encoder.Pad([
            [5, 6, 7, 8, 9],
            [9, 8, 7],
        ]); // (B, T), (B)
        Tensor cls = encoder.ClsOfTopLayers(ids, lengths, 1).squeeze(1); // (B, D)
        (cls * arange(cls.numel()).view(cls.shape).sin()).sum().backward();
        foreach ((string name, Parameter value) in encoder.Parameters)
        {
            Assert.IsTrue(value.grad is { } grad && grad.abs().max().item<float>() > 0, name);
        }
        (Tensor alone, Tensor one) = encoder.Pad([
            [9, 8, 7],
        ]); // (1, 3), (1)
        Assert.IsLessThan(1e-5f, (encoder.ClsOfTopLayers(alone, one, 1).view(-1) - cls[1]).abs().max().item<float>());
        EncoderProjection[] maps =
        [
            .. EncoderProjection.Of(Configuration, EncoderProjections.Query | EncoderProjections.FeedForwardOutput),
        ];
        CollectionAssert.AreEqual(
            new[] { "layers.0.attn.q", "layers.0.mlp.Wo", "layers.1.attn.q", "layers.1.mlp.Wo" },
            maps.Take(4).Select(map => map.Module).ToArray()
        );
    }

    private sealed class Rotary : EncoderFamily
    {
        public override string Name => "Rotary";

        public override string ModelType => "rotary";

        public override ConfigurationFields Fields { get; } = ConfigurationFields.Common with { TokenTypes = null };

        public override void Declare(EncoderConfiguration configuration, EncoderLayout layout)
        {
            layout.Table("words", configuration.VocabularySize, configuration.Width, "embeddings.tok_embeddings");
            for (int i = 0; i < configuration.LayerCount; i++)
            {
                DeclareLayer(configuration, layout, i);
            }
            layout.Add("norm.weight", EncoderParameterKind.NormWeight, [configuration.Width], "final_norm.weight");
        }

        protected override void DeclareLayer(EncoderConfiguration configuration, EncoderLayout layout, int index)
        {
            (long width, long inner) = (configuration.Width, configuration.InnerWidth);
            string theirs = $"layers.{index}";
            Norm("attention.norm", "attn_norm");
            Linear("attention.qkv", 3 * width, width, "attn.q", "attn.k", "attn.v");
            Linear("attention.output", width, width, "attn.Wo");
            Norm("feedforward.norm", "mlp_norm");
            Linear("feedforward.inner", inner, width, "mlp.Wi");
            Linear("feedforward.output", width, inner, "mlp.Wo");

            void Norm(string name, string source) => Add(name, EncoderParameterKind.NormWeight, [width], source);
            void Linear(string name, long outputs, long inputs, params string[] sources) =>
                Add(name, EncoderParameterKind.LinearWeight, [outputs, inputs], sources);
            void Add(string name, EncoderParameterKind kind, long[] shape, params string[] sources) =>
                layout.Add(
                    $"layer.{index}.{name}.weight",
                    kind,
                    shape,
                    [.. sources.Select(source => $"{theirs}.{source}.weight")]
                );
        }

        public override EncoderEmbedding Embedding(EncoderConfiguration configuration, Func<Parameter> next) =>
            new Words(next());

        public override EncoderLayer Layer(EncoderConfiguration configuration, int index, Func<Tensor> next) =>
            new RotaryLayer(configuration, index == configuration.LayerCount - 1, next);
    }

    private sealed class Words(Parameter words) : EncoderEmbedding
    {
        public override Tensor Forward(Tensor ids) =>
            words.index_select(0, ids.view(-1)).view(ids.shape[0], ids.shape[1], -1); // (B, T, D)

        public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue ids) =>
            graph.Gather(graph.Weight("words", words), ids); // (B, T, D)
    }

    private sealed class RotaryLayer(EncoderConfiguration configuration, bool isLast, Func<Tensor> next) : EncoderLayer
    {
        private readonly Tensor _attentionNorm = next();
        private readonly Tensor _qkv = next();
        private readonly Tensor _output = next();
        private readonly Tensor _norm = next();
        private readonly Tensor _inner = next();
        private readonly Tensor _outer = next();
        private readonly Tensor? _finalNorm = isLast ? next() : null;

        public override Tensor Forward(Tensor states, Tensor? bias, ILayerDeltas? deltas = null)
        {
            using DisposeScope scope = NewDisposeScope();
            (long batch, long length, long width) = (states.shape[0], states.shape[1], states.shape[2]);
            Tensor[] qkv = [.. linear(Norm(states, _attentionNorm), _qkv).chunk(3, 2).Select(Heads)]; // 3 of (B, H, T, D / H)
            Tensor context = scaled_dot_product_attention(Turned(qkv[0]), Turned(qkv[1]), qkv[2], bias);
            states = states + linear(context.transpose(1, 2).reshape(batch, length, width), _output); // (B, T, D)
            states = states + linear(linear(Norm(states, _norm), _inner).gelu(), _outer); // (B, T, D)
            return (_finalNorm is null ? states : Norm(states, _finalNorm)).MoveToOuterDisposeScope(); // (B, T, D)

            Tensor Norm(Tensor x, Tensor weight) => layer_norm(x, [width], weight, null, configuration.NormEpsilon);
            Tensor Heads(Tensor x) => x.view(batch, length, configuration.HeadCount, -1).transpose(1, 2); // (B, H, T, D / H)
            Tensor Turned(Tensor x)
            {
                Tensor[] halves = x.chunk(2, 3); // 2 of (B, H, T, D / 2 H)
                long half = halves[0].shape[3];
                Tensor speed = pow(10_000f, -arange(half) / (float)half); // (D / 2 H)
                Tensor angle = arange(length).unsqueeze(1) * speed; // (T, D / 2 H)
                (Tensor cos, Tensor sin) = (angle.cos(), angle.sin());
                return cat([(halves[0] * cos) - (halves[1] * sin), (halves[1] * cos) + (halves[0] * sin)], 3); // (B, H, T, D / H)
            }
        }

        public override Tensor ForwardCls(Tensor states, Tensor? bias, ILayerDeltas? deltas = null) =>
            Forward(states, bias, deltas).select(1, 0); // (B, D)

        public override OnnxValue ToOnnx(
            OnnxGraph graph,
            string name,
            OnnxValue states,
            OnnxValue bias,
            bool firstAlone = false
        ) => throw new NotSupportedException();
    }
}
