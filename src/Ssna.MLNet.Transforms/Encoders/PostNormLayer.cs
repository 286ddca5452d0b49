using Microsoft.ML.Transforms;
using Ssna.MLNet.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ssna.MLNet.Encoders;

/// <summary>One layer: self-attention and a feed-forward block, each followed by its residual sum and layer norm.</summary>
/// <remarks>
/// Vaswani et al. 2017, with the norms after the sums, as BERT has them. Between its ends a layer computes on (B T, D): sums
/// written into a product then copy no gradient on their way back, as those written into a view of one would.
/// </remarks>
internal sealed partial class PostNormLayer : EncoderLayer
{
    private static readonly EncoderProjections[] s_attentionInputs =
    [
        EncoderProjections.Query,
        EncoderProjections.Key,
        EncoderProjections.Value,
    ];

    private readonly EncoderConfiguration _configuration;
    private readonly long[] _normShape;
    private readonly EncoderLinear _qkv; // D to 3 D: query, key, value
    private readonly EncoderLinear _output; // D to D
    private readonly Tensor _attentionNormWeight; // (D)
    private readonly Tensor _attentionNormBias; // (D)
    private readonly EncoderLinear _inner; // D to I
    private readonly EncoderLinear _outer; // I to D
    private readonly Tensor _normWeight; // (D)
    private readonly Tensor _normBias; // (D)
    private readonly EncoderLinear[] _maps;

    /// <param name="configuration">Sizes and activation.</param>
    /// <param name="next">Hands out the layer's weights in the order of <see cref="Declare"/>; they stay the caller's.</param>
    public PostNormLayer(EncoderConfiguration configuration, Func<Tensor> next)
    {
        _configuration = configuration;
        _normShape = [configuration.Width];
        _qkv = new EncoderLinear(next(), next());
        _output = new EncoderLinear(next(), next());
        _attentionNormWeight = next();
        _attentionNormBias = next();
        _inner = new EncoderLinear(next(), next());
        _outer = new EncoderLinear(next(), next());
        _normWeight = next();
        _normBias = next();
        _maps = [_qkv, _output, _inner, _outer];
    }

    /// <summary>Lists a layer's parameters.</summary>
    /// <param name="configuration">The sizes.</param>
    /// <param name="layout">Where to.</param>
    /// <param name="index">The layer's place from the bottom, from 0.</param>
    /// <param name="theirs">What a checkpoint calls them.</param>
    public static void Declare(
        EncoderConfiguration configuration,
        EncoderLayout layout,
        int index,
        PostNormNames theirs
    )
    {
        long width = configuration.Width;
        long inner = configuration.InnerWidth;
        string ours = $"layer.{index}";
        layout.Linear($"{ours}.attention.qkv", 3 * width, width, theirs.Query, theirs.Key, theirs.Value);
        layout.Linear($"{ours}.attention.output", width, width, theirs.AttentionOutput);
        layout.Norm($"{ours}.attention.norm", width, theirs.AttentionNorm);
        layout.Linear($"{ours}.feedforward.inner", inner, width, theirs.Inner);
        layout.Linear($"{ours}.feedforward.output", width, inner, theirs.Output);
        layout.Norm($"{ours}.feedforward.norm", width, theirs.Norm);
    }

    public override bool TryPack() => Array.TrueForAll(_maps, map => map.TryPack());

    public override void Unpack() => Array.ForEach(_maps, map => map.Unpack());

    public override Tensor Forward(Tensor states, Tensor? bias, ILayerDeltas? deltas = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = states.flatten(0, 1); // (B T, D)
        Tensor[] qkv = Project(flat, 0, 3, deltas); // 3 of (B T, D)
        Tensor context = Attend(qkv[0], qkv[1], qkv[2], states.shape[0], bias); // (B T, D)
        return AfterAttention(flat, context, deltas).view(states.shape).MoveToOuterDisposeScope(); // (B, T, D)
    }

    public override Tensor ForwardCls(Tensor states, Tensor? bias, ILayerDeltas? deltas = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor first = states.select(1, 0); // (B, D)
        Tensor query = Project(first, 0, 1, deltas)[0]; // (B, D)
        Tensor[] keyValue = Project(states.flatten(0, 1), 1, 2, deltas); // 2 of (B T, D)
        Tensor? ofFirst = bias?.narrow(2, 0, 1); // (B or 1, H or 1, 1, T)
        Tensor context = Attend(query, keyValue[0], keyValue[1], states.shape[0], ofFirst); // (B, D)
        return AfterAttention(first, context, deltas).MoveToOuterDisposeScope(); // (B, D)
    }

    /// <summary>Some of query, key and value: in one product, or each with what is added to it.</summary>
    /// <param name="states">(N, D).</param>
    /// <param name="start">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="deltas">What is added, or null.</param>
    /// <returns>(N, D) each, in the type of the weights.</returns>
    private Tensor[] Project(Tensor states, int start, int count, ILayerDeltas? deltas)
    {
        long width = _configuration.Width;
        Tensor input = states.to(_qkv.Type); // (N, D)
        if (deltas is null)
        {
            return _qkv.Forward(input, start * width, count * width).chunk(count, 1);
        }
        var parts = new Tensor[count];
        for (int i = 0; i < count; i++)
        {
            Tensor product = _qkv.Forward(input, (start + i) * width, width); // (N, D)
            parts[i] = deltas.Add(s_attentionInputs[start + i], input, product); // (N, D)
        }
        return parts;
    }

    /// <summary>Multi-head attention.</summary>
    /// <param name="queries">(B Q, D).</param>
    /// <param name="keys">(B T, D).</param>
    /// <param name="values">(B T, D).</param>
    /// <param name="batch">B.</param>
    /// <param name="bias">(B or 1, H or 1, Q or 1, T) or null.</param>
    /// <returns>(B Q, D).</returns>
    private Tensor Attend(Tensor queries, Tensor keys, Tensor values, long batch, Tensor? bias)
    {
        Tensor context = scaled_dot_product_attention(Heads(queries), Heads(keys), Heads(values), bias); // (B, H, Q, D / H)
        return context.transpose(1, 2).reshape(-1, _configuration.Width); // (B Q, D)

        Tensor Heads(Tensor states)
        {
            int heads = _configuration.HeadCount;
            return states.view(batch, -1, heads, _configuration.Width / heads).transpose(1, 2); // (B, H, Q or T, D / H)
        }
    }

    /// <summary>All that follows attention, the same for every position.</summary>
    /// <param name="states">What the layer reads: (N, D).</param>
    /// <param name="context">(N, D) in the type of the weights.</param>
    /// <param name="deltas">What is added to products, or null.</param>
    /// <returns>(N, D), in the type of the states.</returns>
    private Tensor AfterAttention(Tensor states, Tensor context, ILayerDeltas? deltas)
    {
        Tensor attended = Plus(EncoderProjections.AttentionOutput, _output, context, states); // (N, D)
        Tensor middle = Norm(attended, _attentionNormWeight, _attentionNormBias); // (N, D)
        Tensor inner = Inner(middle.to(_inner.Type)); // (N, I)
        Tensor sum = Plus(EncoderProjections.FeedForwardOutput, _outer, inner, middle); // (N, D)
        return Norm(sum, _normWeight, _normBias); // (N, D)

        Tensor Inner(Tensor input) =>
            deltas is null
                ? _inner.ForwardActivated(input, _configuration.Activation)
                : EncoderLinear.Activate(
                    deltas.Add(EncoderProjections.FeedForwardInner, input, _inner.Forward(input)),
                    _configuration.Activation
                );

        Tensor Plus(EncoderProjections projection, EncoderLinear map, Tensor input, Tensor residual) =>
            deltas is null
                ? map.ForwardPlus(input, residual)
                : EncoderLinear.Add(deltas.Add(projection, input, map.Forward(input)), residual);

        Tensor Norm(Tensor sum, Tensor weight, Tensor bias) =>
            layer_norm(sum, _normShape, weight, bias, _configuration.NormEpsilon);
    }
}
