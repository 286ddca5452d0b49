using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ssna.MLNet.Runtime;

[TestClass]
public sealed class OneDnnProductsTests
{
    // Sums of K products of bfloat16 numbers, rounded to bfloat16 once: half a unit in the eighth bit.
    private const float Rounding = 1f / 256;

    [TestMethod]
    [DataRow(1, 1, 1)]
    [DataRow(7, 33, 5)]
    [DataRow(130, 384, 1152)]
    [DataRow(65, 100, 48)]
    public void Products_are_those_of_float32_rounded_once(int rows, int inputs, int outputs)
    {
        Require();
        using DisposeScope scope = NewDisposeScope();
        using var frozen = TensorState.Frozen();
        _ = manual_seed(1);
        Tensor x = Numbers(rows, inputs);
        Tensor weight = Numbers(outputs, inputs);
        Tensor bias = Numbers(outputs);
        Tensor added = Numbers(rows, outputs);
        Tensor packed = OneDnnProducts.Pack(weight);
        Tensor exact = linear(Wide(x), Wide(weight), Wide(bias)); // (M, N)

        IsRounded(exact, OneDnnProducts.Linear(x, packed, bias));
        IsRounded(exact.relu(), OneDnnProducts.LinearRelu(x, packed, bias));
        IsRounded(exact.gelu(), OneDnnProducts.LinearGelu(x, packed, bias));
        IsRounded(exact.gelu(TorchSharp.Modules.GELU.Approximate.tanh), OneDnnProducts.LinearGeluTanh(x, packed, bias));
        IsRounded(exact.Plus(Wide(added)), OneDnnProducts.LinearPlus(x, added, packed, bias), 2);
    }

    [TestMethod]
    public void One_packed_weight_serves_several_threads_and_any_number_of_rows()
    {
        Require();
        using DisposeScope scope = NewDisposeScope();
        using var frozen = TensorState.Frozen();
        _ = manual_seed(2);
        Tensor x = Numbers(64, 96);
        Tensor weight = Numbers(40, 96);
        Tensor bias = Numbers(40);
        Tensor packed = OneDnnProducts.Pack(weight);
        float[] whole = Values(OneDnnProducts.LinearGelu(x, packed, bias));
        Parallel.For(
            1,
            64,
            rows =>
            {
                SignalStack.Ensure();
                using DisposeScope inner = NewDisposeScope();
                using var alone = TensorState.Frozen();
                float[] part = Values(OneDnnProducts.LinearGelu(x.narrow(0, 0, rows), packed, bias));
                CollectionAssert.AreEqual(whole[..part.Length], part, $"{rows} rows");
            }
        );
    }

    private static void Require()
    {
        if (!OneDnnProducts.AreAvailable)
        {
            Assert.Inconclusive("This libtorch or CPU has no bfloat16 products by oneDNN.");
        }
    }

    private static Tensor Numbers(params long[] shape) => randn(shape, ScalarType.Float32, CPU).to(ScalarType.BFloat16);

    private static Tensor Wide(Tensor x) => x.to(ScalarType.Float32);

    private static float[] Values(Tensor x) => Wide(x).contiguous().data<float>().ToArray();

    private static void IsRounded(Tensor expected, Tensor found, int roundings = 1)
    {
        Assert.AreEqual(ScalarType.BFloat16, found.dtype);
        float worst = (expected - Wide(found)).abs().div(expected.abs() + 1).max().item<float>();
        Assert.IsLessThanOrEqualTo(roundings * Rounding, worst);
    }
}
