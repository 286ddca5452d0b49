using Ssna.MLNet.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Onnx;

// What transformers are made of.
internal sealed partial class OnnxGraph
{
    /// <summary>What hides a place from attention: the least float32, which is no infinity, so that a row of nothing else has no NaN.</summary>
    private const float Hidden = float.MinValue;

    /// <summary>x Wᵀ + b.</summary>
    /// <param name="x">(..., K).</param>
    /// <param name="name">What its weights are called.</param>
    /// <param name="weight">W, as TorchSharp has it: (N, K), any floating point.</param>
    /// <param name="bias">b: (N).</param>
    /// <returns>(..., N).</returns>
    public OnnxValue Linear(OnnxValue x, string name, Tensor weight, Tensor bias)
    {
        Tensor turned = weight.to(ScalarType.Float32).t().contiguous(); // (K, N)
        OnnxValue product = Product(x, Weight($"{name}.weight", turned));
        return Add(product, Weight($"{name}.bias", bias.to(ScalarType.Float32)));
    }

    /// <summary>Layer normalisation over the last dimension.</summary>
    public OnnxValue Normalize(OnnxValue x, string name, Tensor weight, Tensor bias, double epsilon) =>
        Apply(
            "LayerNormalization",
            [x, Weight($"{name}.weight", weight), Weight($"{name}.bias", bias)],
            ("axis", -1L),
            ("epsilon", (float)epsilon)
        );

    /// <summary>The function between the two matrices of a feed-forward block.</summary>
    public OnnxValue Activate(OnnxValue x, EncoderActivation activation)
    {
        switch (activation)
        {
            case EncoderActivation.Relu:
                return Apply("Relu", [x]);
            case EncoderActivation.GeluTanh:
                OnnxValue cube = Multiply(Multiply(x, x), x);
                OnnxValue inner = Add(x, Multiply(cube, Number(0.044715f)));
                return HalfOf(x, Apply("Tanh", [Multiply(inner, Number(MathF.Sqrt(2 / MathF.PI)))]));
            default:
                return HalfOf(x, Apply("Erf", [Divide(x, Number(MathF.Sqrt(2)))]));
        }

        // In the order in which runtimes know it and compute it as one.
        OnnxValue HalfOf(OnnxValue value, OnnxValue share) =>
            Multiply(Multiply(value, Add(share, Number(1f))), Number(0.5f));
    }

    /// <summary>Multi-head attention.</summary>
    /// <param name="queries">(B, Q, D).</param>
    /// <param name="keys">(B, T, D).</param>
    /// <param name="values">(B, T, D).</param>
    /// <param name="heads">H.</param>
    /// <param name="width">D.</param>
    /// <param name="bias">What is added to the scores: (B or 1, H or 1, Q or 1, T).</param>
    /// <returns>(B, Q, D).</returns>
    public OnnxValue Attend(OnnxValue queries, OnnxValue keys, OnnxValue values, long heads, long width, OnnxValue bias)
    {
        long head = width / heads;
        OnnxValue scaled = Multiply(Heads(queries, 0, 2, 1, 3), Number((float)(1 / Math.Sqrt(head)))); // (B, H, Q, D / H)
        OnnxValue scores = Add(Product(scaled, Heads(keys, 0, 2, 3, 1)), bias); // (B, H, Q, T)
        OnnxValue context = Product(Softmax(scores), Heads(values, 0, 2, 1, 3)); // (B, H, Q, D / H)
        return Reshape(Transpose(context, 0, 2, 1, 3), 0, 0, width); // (B, Q, D)

        OnnxValue Heads(OnnxValue x, params long[] order) => Transpose(Reshape(x, 0, 0, heads, head), order);
    }

    /// <summary>What is added to attention scores so that some places are not seen: 0, or the least number where they are hidden.</summary>
    public OnnxValue Hide(OnnxValue hidden) => Where(hidden, Number(Hidden), Number(0f));
}
