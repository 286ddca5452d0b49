using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

[TestClass]
public sealed class AlignedRowsTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow(1)]
    [DataRow(15)]
    [DataRow(16)]
    [DataRow(17)]
    public void Rows_start_at_cache_lines_and_hold_what_is_written(int width)
    {
        using var scope = NewDisposeScope();
        Tensor values = arange(3L * width, ScalarType.Float32).view(3, width);
        Tensor rows = AlignedRows.Empty(3, width, CPU).copy_(values);
        CollectionAssert.AreEqual(new long[] { 3, width }, rows.shape);
        Assert.AreEqual(0, rows.stride(0) % 16);
        var read = new FloatRows(rows);
        for (int row = 0; row < 3; row++)
        {
            CollectionAssert.AreEqual(values[row].data<float>().ToArray(), read[row].ToArray());
        }
    }
}
