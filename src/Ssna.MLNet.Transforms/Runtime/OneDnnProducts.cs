using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.jit;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// libtorch's products by oneDNN with a weight that has been laid out for them once, and with what follows a product done
/// while it is in cache. For bfloat16 on a CPU, without gradients. Thread-safe.
/// </summary>
/// <remarks>
/// libtorch has these operations for its compiler (<c>mkldnn::_linear_pointwise</c>), and TorchSharp calls no operation by name:
/// what does is a TorchScript module, a few lines in a zip, which is written here and read back from memory.
/// </remarks>
internal static class OneDnnProducts
{
    private static readonly string s_script = $"""
        class Products(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def pack(self: __torch__.Products,
            weight: Tensor) -> Tensor:
            return ops.mkldnn._reorder_linear_weight(weight, None)
        {Followed("linear", "none", "")}
        {Followed("linear_relu", "relu", "")}
        {Followed("linear_gelu", "gelu", "none")}
        {Followed("linear_gelu_tanh", "gelu", "tanh")}
          def linear_add(self: __torch__.Products,
            x: Tensor,
            added: Tensor,
            weight: Tensor,
            bias: Tensor) -> Tensor:
            return ops.mkldnn._linear_pointwise(x, added, weight, bias, "add")

        """;

    // Never disposed of: there is one for the process.
    private static readonly Lazy<ScriptModule?> s_module = new(Load);

    /// <summary>Whether this libtorch and this CPU have them.</summary>
    public static bool AreAvailable => s_module.Value is not null;

    /// <summary>A weight as the products read it.</summary>
    /// <param name="weight">(N, K), bfloat16, on the CPU.</param>
    public static Tensor Pack(Tensor weight) => Call("pack", weight);

    /// <summary>x Wᵀ + b.</summary>
    /// <param name="x">(M, K), bfloat16.</param>
    /// <param name="packed">Of (N, K), by <see cref="Pack"/>.</param>
    /// <param name="bias">(N), bfloat16.</param>
    /// <returns>(M, N), bfloat16.</returns>
    public static Tensor Linear(Tensor x, Tensor packed, Tensor bias) => Call("linear", x, packed, bias);

    /// <summary>max(0, x Wᵀ + b).</summary>
    public static Tensor LinearRelu(Tensor x, Tensor packed, Tensor bias) => Call("linear_relu", x, packed, bias);

    /// <summary>GELU(x Wᵀ + b), by erf.</summary>
    public static Tensor LinearGelu(Tensor x, Tensor packed, Tensor bias) => Call("linear_gelu", x, packed, bias);

    /// <summary>GELU(x Wᵀ + b), by tanh.</summary>
    public static Tensor LinearGeluTanh(Tensor x, Tensor packed, Tensor bias) =>
        Call("linear_gelu_tanh", x, packed, bias);

    /// <summary>x Wᵀ + b + y, rounded once.</summary>
    /// <param name="x">(M, K), bfloat16.</param>
    /// <param name="added">(M, N), bfloat16: y.</param>
    /// <param name="packed">Of (N, K), by <see cref="Pack"/>.</param>
    /// <param name="bias">(N), bfloat16.</param>
    /// <returns>(M, N), bfloat16.</returns>
    public static Tensor LinearPlus(Tensor x, Tensor added, Tensor packed, Tensor bias) =>
        Call("linear_add", x, added, packed, bias);

    private static Tensor Call(string name, params object[] tensors) =>
        (Tensor)
            (
                s_module.Value
                ?? throw new InvalidOperationException(
                    "This libtorch has no products by oneDNN in bfloat16 on this CPU."
                )
            ).invoke(name, tensors);

    private static ScriptModule? Load()
    {
        TorchRuntime.EnsureLoaded();
        SignalStack.Ensure();
        try
        {
            ScriptModule module = load(Archive());
            using DisposeScope scope = NewDisposeScope();
            using var frozen = TensorState.Frozen();
            Tensor weight = zeros([16, 32], ScalarType.BFloat16, CPU); // (N, K)
            Tensor packed = (Tensor)module.invoke("pack", weight);
            Tensor one = zeros([1, 32], ScalarType.BFloat16, CPU); // (M, K)
            _ = module.invoke("linear", one, packed, zeros([16], ScalarType.BFloat16, CPU)); // (M, N)
            return module;
        }
        catch (Exception error) when (error is System.Runtime.InteropServices.ExternalException or TypeLoadException)
        {
            return null; // a libtorch without oneDNN, or a CPU on which it has no bfloat16
        }
    }

    // A product with what follows it, as TorchScript.
    private static string Followed(string name, string what, string algorithm) =>
        $"""
              def {name}(self: __torch__.Products,
                x: Tensor,
                weight: Tensor,
                bias: Tensor) -> Tensor:
                return ops.mkldnn._linear_pointwise(x, weight, bias, "{what}", annotate(List[Optional[number]], []), "{algorithm}")
            """;

    // A TorchScript archive: the code, and the module as a pickle of an object whose one attribute is training = False.
    private static byte[] Archive()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("products/data.pkl", "\u0080\u0002c__torch__\nProducts\n)\u0081}X\b\0\0\0training\u0089sb.");
            Add("products/code/__torch__.py", s_script.ReplaceLineEndings("\n"));
            Add("products/constants.pkl", "\u0080\u0002).");
            Add("products/version", "3\n");

            void Add(string name, string content)
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(Encoding.Latin1.GetBytes(content));
            }
        }
        return bytes.ToArray();
    }
}
