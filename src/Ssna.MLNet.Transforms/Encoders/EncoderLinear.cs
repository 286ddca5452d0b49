using Ssna.MLNet.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ssna.MLNet.Encoders;

/// <summary>A linear map of an encoder, with what follows it: nothing, an activation or a sum.</summary>
/// <remarks>
/// Packed, it computes by oneDNN and does the rest in the same pass, where all types are bfloat16 and nothing needs a gradient.
/// Thread-safe, but for <see cref="TryPack"/> and <see cref="Unpack"/>.
/// </remarks>
/// <param name="weight">(N, K); stays the caller's.</param>
/// <param name="bias">(N); stays the caller's.</param>
internal sealed class EncoderLinear(Tensor weight, Tensor bias)
{
    private readonly Dictionary<(long Start, long Count), Tensor> _packed = []; // (Count, K) each, on first use
    private bool _isPacked;

    /// <summary>The type of the weight and of what it is applied to.</summary>
    public ScalarType Type => weight.dtype;

    /// <summary>W: (N, K).</summary>
    public Tensor Weight => weight;

    /// <summary>b: (N).</summary>
    public Tensor Bias => bias;

    /// <summary>x Wᵀ + b.</summary>
    /// <param name="x">(M, K) in the weight's type.</param>
    /// <returns>(M, N) in the weight's type.</returns>
    public Tensor Forward(Tensor x) => Forward(x, 0, weight.shape[0]);

    /// <summary>Some rows of it.</summary>
    /// <param name="x">(M, K) in the weight's type.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">How many.</param>
    /// <returns>(M, <paramref name="count"/>) in the weight's type.</returns>
    public Tensor Forward(Tensor x, long start, long count)
    {
        Tensor part = bias.narrow(0, start, count); // (count)
        return Packed(x, start, count) is { } packed
            ? OneDnnProducts.Linear(x, packed, part)
            : linear(x, weight.narrow(0, start, count), part); // (M, count)
    }

    /// <summary>The activation of x Wᵀ + b.</summary>
    /// <param name="x">(M, K) in the weight's type.</param>
    /// <param name="activation">Which one.</param>
    /// <returns>(M, N) in the weight's type.</returns>
    public Tensor ForwardActivated(Tensor x, EncoderActivation activation) =>
        (Packed(x, 0, weight.shape[0]), activation) switch
        {
            (null, _) => Activate(linear(x, weight, bias), activation), // (M, N)
            ({ } packed, EncoderActivation.Relu) => OneDnnProducts.LinearRelu(x, packed, bias),
            ({ } packed, EncoderActivation.GeluTanh) => OneDnnProducts.LinearGeluTanh(x, packed, bias),
            ({ } packed, _) => OneDnnProducts.LinearGelu(x, packed, bias),
        };

    /// <summary>x Wᵀ + b + y.</summary>
    /// <param name="x">(M, K) in the weight's type.</param>
    /// <param name="residual">(M, N), float32, or in the weight's type: y.</param>
    /// <returns>(M, N) in the residual's type.</returns>
    public Tensor ForwardPlus(Tensor x, Tensor residual) =>
        residual.dtype == ScalarType.BFloat16 && Packed(x, 0, weight.shape[0]) is { } packed
            ? OneDnnProducts.LinearPlus(x, residual, packed, bias)
            : Add(linear(x, weight, bias), residual); // (M, N)

    /// <summary>The activation of a fresh product; in place where no gradient needs the product again.</summary>
    public static Tensor Activate(Tensor product, EncoderActivation activation) =>
        (activation, product.requires_grad) switch
        {
            (EncoderActivation.Relu, true) => product.relu(),
            (EncoderActivation.Relu, false) => product.relu_(),
            (EncoderActivation.GeluTanh, true) => product.gelu(GELU.Approximate.tanh),
            (EncoderActivation.GeluTanh, false) => product.gelu_(GELU.Approximate.tanh),
            (_, true) => product.gelu(),
            _ => product.gelu_(),
        };

    /// <summary>The sum of a fresh product and a residual, in the residual's type; written into the product where types allow.</summary>
    public static Tensor Add(Tensor product, Tensor residual) =>
        product.dtype == residual.dtype ? product.AddInPlace(residual) : product.Plus(residual);

    /// <summary>Has the weight laid out for oneDNN where it is bfloat16, on a CPU and needs no gradient.</summary>
    /// <returns>Whether it is so. Until <see cref="Unpack"/> the weight is not to change.</returns>
    public bool TryPack() =>
        _isPacked =
            Type == ScalarType.BFloat16
            && weight.device_type == DeviceType.CPU
            && !weight.requires_grad
            && OneDnnProducts.AreAvailable;

    /// <summary>Ends that.</summary>
    public void Unpack()
    {
        _isPacked = false;
        foreach (Tensor part in _packed.Values)
        {
            part.Dispose();
        }
        _packed.Clear();
    }

    private Tensor? Packed(Tensor x, long start, long count)
    {
        if (!_isPacked || x.requires_grad)
        {
            return null;
        }
        lock (_packed)
        {
            if (!_packed.TryGetValue((start, count), out Tensor? packed))
            {
                packed = OneDnnProducts.Pack(weight.narrow(0, start, count)).DetachFromDisposeScope(); // (count, K)
                _packed.Add((start, count), packed);
            }
            return packed;
        }
    }
}
