using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ssna.MLNet.Encoders;

/// <summary>One layer: self-attention and a feed-forward block, each followed by its residual sum and layer norm.</summary>
/// <remarks>Vaswani et al. 2017, with the norms after the sums, as BERT has them.</remarks>
internal sealed class EncoderLayer
{
    private readonly EncoderConfiguration _configuration;
    private readonly long[] _normShape;
    private readonly Parameter _qkvWeight; // (3 D, D): query, key, value
    private readonly Parameter _qkvBias; // (3 D)
    private readonly Parameter _outputWeight; // (D, D)
    private readonly Parameter _outputBias; // (D)
    private readonly Parameter _attentionNormWeight; // (D)
    private readonly Parameter _attentionNormBias; // (D)
    private readonly Parameter _innerWeight; // (I, D)
    private readonly Parameter _innerBias; // (I)
    private readonly Parameter _outerWeight; // (D, I)
    private readonly Parameter _outerBias; // (D)
    private readonly Parameter _normWeight; // (D)
    private readonly Parameter _normBias; // (D)

    /// <param name="configuration">Sizes and activation.</param>
    /// <param name="next">Hands out the layer's parameters in the order of <see cref="EncoderLayout"/>.</param>
    public EncoderLayer(EncoderConfiguration configuration, Func<Parameter> next)
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

    /// <summary>The type of the matrix products.</summary>
    public ScalarType ComputeType { get; }

    /// <summary>The layer's output at every position.</summary>
    /// <param name="states">(B, T, D), float32.</param>
    /// <param name="mask">(B, 1, 1, T) in the compute type: 0, or minus infinity at padding; null where there is none.</param>
    /// <returns>(B, T, D), float32.</returns>
    public Tensor Forward(Tensor states, Tensor? mask)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor qkv = linear(states.to(ComputeType), _qkvWeight, _qkvBias); // (B, T, 3 D)
        Tensor context = Attend(qkv, qkv, 0, mask); // (B, T, D)
        return AfterAttention(states, context).MoveToOuterDisposeScope(); // (B, T, D)
    }

    /// <summary>The layer's output at the first position alone: keys and values of all, everything else of one.</summary>
    /// <param name="states">(B, T, D), float32.</param>
    /// <param name="mask">(B, 1, 1, T) in the compute type, or null where there is no padding.</param>
    /// <returns>(B, D), float32.</returns>
    public Tensor ForwardCls(Tensor states, Tensor? mask)
    {
        using DisposeScope scope = NewDisposeScope();
        int width = _configuration.Width;
        Tensor first = states.narrow(1, 0, 1); // (B, 1, D)
        Tensor query = linear(first.to(ComputeType), _qkvWeight.narrow(0, 0, width), _qkvBias.narrow(0, 0, width)); // (B, 1, D)
        Tensor keyValue = linear(
            states.to(ComputeType),
            _qkvWeight.narrow(0, width, 2 * width),
            _qkvBias.narrow(0, width, 2 * width)
        ); // (B, T, 2 D)
        Tensor context = Attend(query, keyValue, -1, mask); // (B, 1, D)
        return AfterAttention(first, context).squeeze(1).MoveToOuterDisposeScope(); // (B, D)
    }

    /// <summary>Multi-head attention.</summary>
    /// <param name="queries">(B, Q, n D), the queries being the first D.</param>
    /// <param name="keyValues">(B, T, m D).</param>
    /// <param name="offset">Of the keys among the m blocks, less one; the values follow them.</param>
    /// <param name="mask">(B, 1, 1, T) or null.</param>
    /// <returns>(B, Q, D).</returns>
    private Tensor Attend(Tensor queries, Tensor keyValues, int offset, Tensor? mask)
    {
        Tensor query = Heads(queries, 0); // (B, H, Q, D / H)
        Tensor key = Heads(keyValues, offset + 1); // (B, H, T, D / H)
        Tensor value = Heads(keyValues, offset + 2); // (B, H, T, D / H)
        Tensor context = scaled_dot_product_attention(query, key, value, mask); // (B, H, Q, D / H)
        return context.transpose(1, 2).flatten(2); // (B, Q, D)
    }

    /// <summary>One of the blocks of D numbers, seen by head.</summary>
    private Tensor Heads(Tensor states, int block)
    {
        int heads = _configuration.HeadCount;
        int width = _configuration.Width;
        return states.narrow(2, (long)block * width, width).unflatten(2, heads, width / heads).transpose(1, 2);
    }

    /// <summary>All that follows attention, the same for every position.</summary>
    private Tensor AfterAttention(Tensor states, Tensor context)
    {
        double epsilon = _configuration.NormEpsilon;
        Tensor attended = Add(linear(context, _outputWeight, _outputBias), states); // (B, Q, D)
        Tensor middle = layer_norm(attended, _normShape, _attentionNormWeight, _attentionNormBias, epsilon); // (B, Q, D)
        Tensor inner = Activate(linear(middle.to(ComputeType), _innerWeight, _innerBias)); // (B, Q, I)
        Tensor outer = Add(linear(inner, _outerWeight, _outerBias), middle); // (B, Q, D)
        return layer_norm(outer, _normShape, _normWeight, _normBias, epsilon); // (B, Q, D)
    }

    /// <summary>The sum of a fresh product and its residual, in float32; written into the product where types allow.</summary>
    private static Tensor Add(Tensor product, Tensor residual) =>
        product.dtype == residual.dtype ? product.add_(residual) : product.add(residual);

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
