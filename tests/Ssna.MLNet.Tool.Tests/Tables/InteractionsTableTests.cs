using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tool.Tables;
using Tools;

namespace Ssna.MLNet.Tool.Tests.Tables;

[TestClass]
public sealed class InteractionsTableTests : IDisposable
{
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("numbers", "30", "9", "-1")]
    [DataRow("fractions", "2.5", "1e-3", "-1.5")]
    [DataRow("dates", "2024-10-01", "2024-09-30T23:59:59", "2023-12-31")]
    [DataRow(
        "an offset of each its own",
        "2024-01-02T10:00:00-05:00",
        "2024-01-02T11:00:00+01:00",
        "2024-01-02T09:00:00Z"
    )]
    public void Times_of_every_kind_order_a_users_items(string _, string last, string second, string first)
    {
        Write($"user,item,time\nu,c,{last}\nu,b,{second}\nu,a,{first}\n");
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, Sequence());
    }

    [TestMethod]
    [DataRow("5.5", "7")]
    [DataRow("2024-01-02", "2024-01-03")]
    public void A_time_that_is_missing_is_left_out(string early, string late)
    {
        Write($"user,item,time\nu,late,{late}\nu,never,\nu,early,{early}\n");
        CollectionAssert.AreEqual(new[] { "early", "late" }, Sequence());
    }

    [TestMethod]
    public void Rows_in_order_need_no_time()
    {
        Write("user,item\nu,a\nv,x\nu,b\n");
        CollectionAssert.AreEqual(new[] { "a", "b" }, Sequence(inOrder: true));
    }

    [TestMethod]
    public void What_is_no_time_is_named()
    {
        Write("user,item,when\nu,a,2024-01-01\nu,b,yesterday\n");
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Sequence(time: "when"));
        StringAssert.Contains(error.Message, "row 2, column 'when'");
        StringAssert.Contains(error.Message, "'yesterday'");
    }

    private void Write(string content) => File.WriteAllText(_folder["clicks.csv"], content);

    private string[] Sequence(string? time = null, bool inOrder = false)
    {
        InteractionsTable table = InteractionsTable.Read(_context, _folder["clicks.csv"], null, null, time, inOrder);
        using var stopped = new CancellationTokenSource();
        SequenceDataView users = table.Group(_context, stopped.Token);
        return _context.Data.CreateEnumerable<UserRow>(users, reuseRowObject: false).First().Sequence;
    }
}
