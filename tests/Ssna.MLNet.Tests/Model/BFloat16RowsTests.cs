using System.Runtime.InteropServices;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

[TestClass]
public sealed class BFloat16RowsTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Numbers_are_rounded_and_widened_as_libtorch_does_it()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        // Odd in number; halves between two bfloat16 numbers, of which the even one counts; and what is no usual number.
        float[] special = [0, -0f, 1, 1.00390625f, 1.01171875f, float.MaxValue, 1e-40f];
        float[] values =
        [
            .. randn(1000, generator: generator).data<float>().ToArray(),
            .. special,
            float.PositiveInfinity,
            float.NegativeInfinity,
        ];
        Tensor expected = tensor(values).to(ScalarType.BFloat16); // (N)

        var rounded = new ushort[values.Length];
        BFloat16Rows.Round(values, rounded);
        CollectionAssert.AreEqual(MemoryMarshal.Cast<byte, ushort>(expected.bytes).ToArray(), rounded);

        var widened = new float[values.Length];
        BFloat16Rows.Widen(rounded, widened);
        CollectionAssert.AreEqual(expected.to(ScalarType.Float32).data<float>().ToArray(), widened);
    }
}
