using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Ssna.MLNet.Tests.Sequences;

[TestClass]
public class SplitTests
{
    private static readonly MLContext Context = new(1);

    [TestMethod]
    public void Leave_one_out_asks_for_the_last_item_after_all_others()
    {
        DataOperationsCatalog.TrainTestData split = Context.Data.LeaveOneOutSplit(
            Sequences(("a", ["x", "y", "z"]), ("b", ["x"]), ("c", []), ("d", ["y", "x"]))
        );
        CollectionAssert.AreEqual(new[] { "a: x y", "b: x", "c: ", "d: y" }, SequenceRows.Read(split.TrainSet));
        CollectionAssert.AreEqual(new[] { "a: x y > z", "d: y > x" }, SequenceRows.Read(split.TestSet));
        Assert.IsNull(split.TestSet.GetRowCount());
    }

    [TestMethod]
    public void Leave_one_out_loses_nothing()
    {
        Gen.Int[0, 9]
            .Array[0, 6]
            .Array[1, 12]
            .Sample(sequences =>
            {
                IDataView view = Context.Data.LoadFromEnumerable(
                    sequences.Select((items, user) => new Row<int> { User = user, Sequence = items })
                );
                DataOperationsCatalog.TrainTestData split = Context.Data.LeaveOneOutSplit(view);
                string[] original = SequenceRows.Read(view);
                string[] train = SequenceRows.Read(split.TrainSet);
                string[] test = SequenceRows.Read(split.TestSet);
                Assert.HasCount(original.Length, train);
                Assert.HasCount(sequences.Count(items => items.Length > 1), test);
                string[] restored =
                [
                    .. train.Select(row =>
                        test.SingleOrDefault(asked => asked.StartsWith($"{row} > "))?.Replace(" > ", " ") ?? row
                    ),
                ];
                CollectionAssert.AreEqual(original, restored);
            });
    }

    [TestMethod]
    public void Leave_one_out_passes_other_columns_and_key_values_through()
    {
        IDataView view = Sequences(("a", ["x", "y"]), ("b", ["y", "x", "x"]));
        IDataView keyed = Context.Transforms.Conversion.MapValueToKey("Sequence").Fit(view).Transform(view);
        IDataView test = Context.Data.LeaveOneOutSplit(keyed, labelColumnName: "Next").TestSet;
        IDataView text = Context
            .Transforms.Conversion.MapKeyToValue("Label", "Next")
            .Append(Context.Transforms.Conversion.MapKeyToValue("Sequence"))
            .Fit(test)
            .Transform(test);
        CollectionAssert.AreEqual(new[] { "a: x > y", "b: y x > x" }, SequenceRows.Read(text));
    }

    [TestMethod]
    public void Leave_one_out_reads_sparse_sequences_in_full()
    {
        IDataView view = Context.Data.LoadFromEnumerable([
            new SparseRow { User = 1, Sequence = new VBuffer<int>(4, 1, [5], [1]) },
            new SparseRow { User = 2, Sequence = new VBuffer<int>(4, 1, [5], [3]) },
        ]);
        DataOperationsCatalog.TrainTestData split = Context.Data.LeaveOneOutSplit(view);
        CollectionAssert.AreEqual(new[] { "1: 0 5 0 > 0", "2: 0 0 0 > 5" }, SequenceRows.Read(split.TestSet));
        CollectionAssert.AreEqual(new[] { "1: 0 5 0", "2: 0 0 0" }, SequenceRows.Read(split.TrainSet));
    }

    [TestMethod]
    public void Leave_one_out_takes_no_padding_for_the_last_item()
    {
        IDataView padded = Sequences(
            ("behind", ["x", "y", "", ""]),
            ("within", ["x", "", "y", ""]),
            ("before", ["", "x", "y"]),
            ("one", ["", "x", ""]),
            ("none", ["", ""])
        );
        DataOperationsCatalog.TrainTestData split = Context.Data.LeaveOneOutSplit(padded);
        string[] test = ["behind: x > y", "within: x > y", "before:  x > y"];
        CollectionAssert.AreEqual(test, SequenceRows.Read(split.TestSet));
        string[] train = ["behind: x", "within: x", "before:  x", "one:  x ", "none:  "];
        CollectionAssert.AreEqual(train, SequenceRows.Read(split.TrainSet));

        IDataView keyed = Context.Transforms.Conversion.MapValueToKey("Sequence").Fit(padded).Transform(padded);
        CollectionAssert.AreEqual(
            new[] { "behind: 1 > 2", "within: 1 > 2", "before: 0 1 > 2" },
            SequenceRows.Read(Context.Data.LeaveOneOutSplit(keyed).TestSet)
        );
        IDataView sparse = Context.Data.LoadFromEnumerable([
            new SparseKeys { User = 1, Sequence = new VBuffer<uint>(4, 2, [3, 5], [0, 2]) },
            new SparseKeys { User = 2, Sequence = new VBuffer<uint>(4, 1, [3], [2]) },
        ]);
        CollectionAssert.AreEqual(
            new[] { "1: 3 > 5" },
            SequenceRows.Read(Context.Data.LeaveOneOutSplit(sparse).TestSet)
        );
    }

    [TestMethod]
    public void Leave_one_out_reads_the_input_when_it_is_read_and_only_what_is_needed()
    {
        SequenceDataView grouped = Context.Data.GroupIntoSequences(
            Context.Data.LoadFromEnumerable(
                Enumerable.Range(0, 300).Select(i => new Interaction<int, int, int>(i % 100, i, i))
            )
        );
        DataOperationsCatalog.TrainTestData split = Context.Data.LeaveOneOutSplit(grouped);
        Assert.AreEqual(100, split.TrainSet.GetRowCount());
        DataViewSchema.Column user = split.TestSet.Schema["User"];
        using DataViewRowCursor cursor = split.TestSet.GetRowCursor([user]);
        Assert.IsFalse(cursor.IsColumnActive(split.TestSet.Schema["Sequence"]));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<int>(split.TestSet.Schema["Label"]));

        string[] rows = SequenceRows.Read(split.TestSet);
        DataViewRowCursor[] cursors = split.TestSet.GetRowCursorSet(split.TestSet.Schema, 2, new Random(1));
        CollectionAssert.AreEquivalent(rows, cursors.SelectMany(SequenceRows.Read).ToArray());
    }

    [TestMethod]
    [DataRow("Nope", "'Nope'")]
    [DataRow("User", "String")]
    public void Leave_one_out_names_a_wrong_column(string column, string named)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Context.Data.LeaveOneOutSplit(Sequences(("a", ["x"])), column)
        );
        StringAssert.Contains(error.Message, $"'{column}'");
        StringAssert.Contains(error.Message, named);
    }

    [TestMethod]
    public void A_split_in_time_asks_users_with_a_history_for_their_next_item()
    {
        DataOperationsCatalog.TrainTestData split = Context.Data.SplitAtTime(
            Interactions(
                ("both", "a", 1),
                ("late", "b", 5),
                ("both", "c", 6),
                ("both", "d", 5),
                ("both", "b", 4),
                ("early", "a", 2)
            ),
            5
        );
        CollectionAssert.AreEqual(new[] { "both: a b", "early: a" }, SequenceRows.Read(split.TrainSet));
        CollectionAssert.AreEqual(new[] { "both: a b > d" }, SequenceRows.Read(split.TestSet));
        Assert.AreEqual(1, split.TestSet.GetRowCount());
        Assert.AreEqual(6, ((SequenceDataView)split.TrainSet).Summary.Rows);
    }

    [TestMethod]
    public void A_split_in_time_leaks_nothing_of_the_moment_or_after()
    {
        Gen.Select(Gen.Select(Gen.Int[0, 4], Gen.Int[0, 6]).Array[1, 40], Gen.Int[1, 5])
            .Sample(
                (rows, moment) =>
                {
                    // Each item is its row's number, so that its time can be looked up.
                    (string, string, int)[] interactions =
                    [
                        .. rows.Select((row, i) => ($"{row.Item1}", $"{i}", row.Item2)),
                        ("sure", $"{rows.Length}", 0),
                        ("sure", $"{rows.Length + 1}", 9),
                    ];
                    DataOperationsCatalog.TrainTestData split = Context.Data.SplitAtTime(
                        Interactions(interactions),
                        moment
                    );
                    int TimeOf(string item) => interactions[int.Parse(item)].Item3;
                    int trained = 0;
                    foreach (string row in SequenceRows.Read(split.TrainSet))
                    {
                        string[] items = row.Split(": ")[1].Split(' ');
                        Assert.IsTrue(items.All(item => TimeOf(item) < moment));
                        trained += items.Length;
                    }
                    Assert.AreEqual(interactions.Count(row => row.Item3 < moment), trained);
                    foreach (string row in SequenceRows.Read(split.TestSet))
                    {
                        string user = row.Split(": ")[0];
                        string[] halves = row.Split(": ")[1].Split(" > ");
                        Assert.IsTrue(halves[0].Split(' ').All(item => TimeOf(item) < moment));
                        int first = interactions.Where(i => i.Item1 == user && i.Item3 >= moment).Min(i => i.Item3);
                        Assert.AreEqual(first, TimeOf(halves[1]));
                    }
                }
            );
    }

    [TestMethod]
    public void A_split_takes_a_time_of_any_type_that_the_column_holds_unchanged()
    {
        AssertSplits(1L, 3L, 2);
        AssertSplits((byte)1, (byte)3, 2L);
        AssertSplits(1f, 3f, 2);
        AssertSplits(1.0, 3.0, 2.5);
        AssertSplits(1ul, 3ul, 2);
        var day = new DateTime(2020, 1, 1);
        AssertSplits(day, day.AddDays(2), day.AddDays(1));
        var offset = new DateTimeOffset(day, TimeSpan.Zero);
        AssertSplits(offset, offset.AddDays(2), offset.AddDays(1));

        static void AssertSplits<TTime, TMoment>(TTime before, TTime after, TMoment moment)
            where TMoment : struct
        {
            DataOperationsCatalog.TrainTestData split = Context.Data.SplitAtTime(View(before, after), moment);
            CollectionAssert.AreEqual(new[] { "1: 10 > 20" }, SequenceRows.Read(split.TestSet));
        }
    }

    [TestMethod]
    public void The_summaries_of_a_split_count_their_own_sequences()
    {
        DataOperationsCatalog.TrainTestData split = Context.Data.SplitAtTime(
            Interactions(
                ("both", "a", 1),
                ("both", "b", 1),
                ("both", "c", 6),
                ("both", "d", 6), // a tie behind the split is in no sequence
                ("late", "b", 5),
                ("early", "a", 2),
                ("early", "c", 3),
                ("early", "b", 3),
                ("", "b", 3)
            ),
            5
        );
        Assert.AreEqual(
            new SequenceGroupingSummary(9, 5, 2, 1, 0, 0, 0, 4, 2, new(2, 2, 2, 3, 3, 3)),
            ((SequenceDataView)split.TrainSet).Summary
        );
        Assert.AreEqual(
            new SequenceGroupingSummary(9, 2, 1, 1, 0, 0, 0, 2, 1, new(2, 2, 2, 2, 2, 2)),
            ((SequenceDataView)split.TestSet).Summary
        );
    }

    [TestMethod]
    public void A_split_refuses_a_time_that_the_column_cannot_hold()
    {
        AssertRefused(1L, 3L, 1_700_000_000f, "Int64"); // which may have been any of 128 seconds
        AssertRefused(1L, 3L, 9007199254740992.0, "Int64");
        AssertRefused(1, 3, 2.5, "Int32");
        AssertRefused(1, 3, 1L << 40, "Int32");
        AssertRefused(1ul, 3ul, -1, "UInt64");
        AssertRefused(1f, 3f, float.NaN, "Single");
        AssertRefused(1, 3, new DateTime(2020, 1, 1), "Int32");
        AssertRefused(new DateTime(2020, 1, 1), new DateTime(2020, 1, 2), 5, "DateTime");

        static void AssertRefused<TTime, TMoment>(TTime before, TTime after, TMoment moment, string expected)
            where TMoment : struct
        {
            ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() =>
                Context.Data.SplitAtTime(View(before, after), moment)
            );
            StringAssert.Contains(error.Message, "'Time'");
            StringAssert.Contains(error.Message, expected);
            StringAssert.Contains(error.Message, typeof(TMoment).Name);
        }
    }

    [TestMethod]
    public void A_split_with_nothing_to_test_is_an_error()
    {
        Assert.ThrowsExactly<InvalidOperationException>(() => Context.Data.SplitAtTime(View(1, 3), 9));
        Assert.ThrowsExactly<InvalidOperationException>(() => Context.Data.SplitAtTime(View(1, 3), 0));
    }

    [TestMethod]
    public void A_split_in_time_needs_a_time_column()
    {
        Assert.ThrowsExactly<ArgumentException>(() =>
            Context.Data.SplitAtTime(View(1, 3), 2, new SequenceGroupingOptions { TimeColumnName = null })
        );
    }

    private static IDataView View<TTime>(TTime before, TTime after) =>
        Context.Data.LoadFromEnumerable<Interaction<int, int, TTime>>([new(1, 20, after), new(1, 10, before)]);

    private static IDataView Interactions(params (string, string, int)[] rows) =>
        Context.Data.LoadFromEnumerable(
            rows.Select(row => new Interaction<string, string, int>(row.Item1, row.Item2, row.Item3))
        );

    private static IDataView Sequences(params (string User, string[] Items)[] rows) =>
        Context.Data.LoadFromEnumerable(rows.Select(row => new TextRow { User = row.User, Sequence = row.Items }));

    private sealed class TextRow
    {
        public string User { get; set; } = "";

        public string[] Sequence { get; set; } = [];
    }

    private sealed class Row<T>
    {
        public int User { get; set; }

        public T[] Sequence { get; set; } = [];
    }

    private sealed class SparseKeys
    {
        public int User { get; set; }

        [KeyType(9), VectorType(4)]
        public VBuffer<uint> Sequence { get; set; }
    }

    private sealed class SparseRow
    {
        public int User { get; set; }

        [VectorType(4)]
        public VBuffer<int> Sequence { get; set; }
    }
}
