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
internal sealed class PostNormLayer : EncoderLayer
{
    private static readonly EncoderProjections[] s_attentionInputs =
    [
        EncoderProjections.Query,
        EncoderProjections.Key,
        EncoderProjections.Value,
    ];

    private readonly EncoderConfiguration _configuration;
    private readonly long[] _normShape;
    private readonly Tensor _qkvWeight; // (3 D, D): query, key, value
    private readonly Tensor _qkvBias; // (3 D)
    private readonly Tensor _outputWeight; // (D, D)
    private readonly Tensor _outputBias; // (D)
    private readonly Tensor _attentionNormWeight; // (D)
    private readonly Tensor _attentionNormBias; // (D)
    private readonly Tensor _innerWeight; // (I, D)
    private readonly Tensor _innerBias; // (I)
    private readonly Tensor _outerWeight; // (D, I)
    private readonly Tensor _outerBias; // (D)
    private readonly Tensor _normWeight; // (D)
    private readonly Tensor _normBias; // (D)

    /// <param name="configuration">Sizes and activation.</param>
    /// <param name="next">Hands out the layer's weights in the order of <see cref="Declare"/>; they stay the caller's.</param>
    public PostNormLayer(EncoderConfiguration configuration, Func<Tensor> next)
    {
        _configuration = configuration;
        _normShape = [configuration.Width];
        _qkvWeight = next();
        _qkvBias = next();
        _outputWeight = next();
        _outputBias = next();
        _attentionNormWeight = next();
        _attentionNormBias = next();
        _innerWeight = next();
        _innerBias = next();
        _outerWeight = next();
        _outerBias = next();
        _normWeight = next();
        _normBias = next();
        ComputeType = _qkvWeight.dtype;
    }

    public override ScalarType ComputeType { get; }

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

    public override Tensor Forward(Tensor states, Tensor? bias, ILayerDeltas? deltas = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = states.flatten(0, 1); // (B T, D)
        Tensor[] qkv = Project(flat.to(ComputeType), 0, 3, deltas); // 3 of (B T, D)
        Tensor context = Attend(qkv[0], qkv[1], qkv[2], states.shape[0], bias); // (B T, D)
        return AfterAttention(flat, context, deltas).view(states.shape).MoveToOuterDisposeScope(); // (B, T, D)
    }

    public override Tensor ForwardCls(Tensor states, Tensor? bias, ILayerDeltas? deltas = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor first = states.select(1, 0); // (B, D)
        Tensor query = Project(first.to(ComputeType), 0, 1, deltas)[0]; // (B, D)
        Tensor[] keyValue = Project(states.flatten(0, 1).to(ComputeType), 1, 2, deltas); // 2 of (B T, D)
        Tensor? ofFirst = bias?.narrow(2, 0, 1); // (B or 1, H or 1, 1, T)
        Tensor context = Attend(query, keyValue[0], keyValue[1], states.shape[0], ofFirst); // (B, D)
        return AfterAttention(first, context, deltas).MoveToOuterDisposeScope(); // (B, D)
    }

    /// <summary>Some of query, key and value: in one product, or each with what is added to it.</summary>
    /// <param name="input">(N, D) in the compute type.</param>
    /// <param name="start">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="deltas">What is added, or null.</param>
    /// <returns>(N, D) each.</returns>
    private Tensor[] Project(Tensor input, int start, int count, ILayerDeltas? deltas)
    {
        if (deltas is null)
        {
            return Rows(start, count).chunk(count, 1);
        }
        var parts = new Tensor[count];
        for (int i = 0; i < count; i++)
        {
            parts[i] = deltas.Add(s_attentionInputs[start + i], input, Rows(start + i, 1)); // (N, D)
        }
        return parts;

        Tensor Rows(int from, int parts)
        {
            long width = _configuration.Width;
            return linear(
                input,
                _qkvWeight.narrow(0, from * width, parts * width),
                _qkvBias.narrow(0, from * width, parts * width)
            ); // (N, parts D)
        }
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
    private Tensor AfterAttention(Tensor states, Tensor context, ILayerDeltas? deltas)
    {
        double epsilon = _configuration.NormEpsilon;
        Tensor output = Product(EncoderProjections.AttentionOutput, context, _outputWeight, _outputBias); // (N, D)
        Tensor middle = layer_norm(Add(output, states), _normShape, _attentionNormWeight, _attentionNormBias, epsilon); // (N, D)
        Tensor inner = Product(EncoderProjections.FeedForwardInner, middle.to(ComputeType), _innerWeight, _innerBias); // (N, I)
        Tensor outer = Product(EncoderProjections.FeedForwardOutput, Activate(inner), _outerWeight, _outerBias); // (N, D)
        return layer_norm(Add(outer, middle), _normShape, _normWeight, _normBias, epsilon); // (N, D)

        Tensor Product(EncoderProjections projection, Tensor input, Tensor weight, Tensor bias)
        {
            Tensor product = linear(input, weight, bias);
            return deltas is null ? product : deltas.Add(projection, input, product);
        }
    }

    /// <summary>The sum of a fresh product and its residual, in float32; written into the product where types allow.</summary>
    private static Tensor Add(Tensor product, Tensor residual) =>
        product.dtype == residual.dtype ? product.AddInPlace(residual) : product.Plus(residual);

    /// <summary>The activation of a fresh product; in place where no gradient needs the product again.</summary>
    private Tensor Activate(Tensor product) =>
        (_configuration.Activation, product.requires_grad) switch
        {
            (EncoderActivation.Relu, true) => product.relu(),
            (EncoderActivation.Relu, false) => product.relu_(),
            (EncoderActivation.GeluTanh, true) => product.gelu(GELU.Approximate.tanh),
            (EncoderActivation.GeluTanh, false) => product.gelu_(GELU.Approximate.tanh),
            (_, true) => product.gelu(),
            _ => product.gelu_(),
        };
}
