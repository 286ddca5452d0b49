using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Sequences;

[TestClass]
public class GroupIntoSequencesTests
{
    private static readonly MLContext Context = new(1);

    private static readonly Gen<(int User, int Item, int Time)[]> Rows = Gen.Select(
        Gen.Int[0, 5],
        Gen.Int[0, 8],
        Gen.Int[-3, 3]
    ).Array[1, 80];

    [TestMethod]
    public void Users_come_in_the_order_of_their_first_row_and_items_in_that_of_time()
    {
        IDataView view = View<string, string, long>([
            ("bo", "x", 5),
            ("al", "y", 9),
            ("bo", "y", 3),
            ("al", "x", 1),
            ("bo", "z", 4),
        ]);
        SequenceDataView sequences = Context.Data.GroupIntoSequences(view);
        CollectionAssert.AreEqual(new[] { "bo: y z x", "al: x y" }, SequenceRows.Read(sequences));
        Assert.AreEqual(2, sequences.GetRowCount());
        Assert.AreEqual(
            new SequenceGroupingSummary(5, 5, 2, 0, 0, 0, 0, 0, 0, new(2, 2, 2, 3, 3, 3)),
            sequences.Summary
        );
    }

    [TestMethod]
    public void Grouping_is_a_stable_sort_of_each_users_rows()
    {
        Rows.Sample(rows =>
        {
            SequenceDataView sequences = Context.Data.GroupIntoSequences(
                View(rows),
                new SequenceGroupingOptions { KeepRepeated = true }
            );
            string[] expected =
            [
                .. rows.GroupBy(row => row.User)
                    .Select(user =>
                        $"{user.Key}: {string.Join(" ", user.OrderBy(row => row.Time).Select(row => row.Item))}"
                    ),
            ];
            CollectionAssert.AreEqual(expected, SequenceRows.Read(sequences));
            Assert.AreEqual(rows.Length, sequences.Summary.Interactions);
        });
    }

    [TestMethod]
    public void By_default_the_first_of_rows_equal_in_user_item_and_time_is_kept()
    {
        Rows.Sample(rows =>
        {
            SequenceDataView sequences = Context.Data.GroupIntoSequences(View(rows));
            string[] expected =
            [
                .. rows.Distinct()
                    .GroupBy(row => row.User)
                    .Select(user =>
                        $"{user.Key}: {string.Join(" ", user.OrderBy(row => row.Time).Select(row => row.Item))}"
                    ),
            ];
            CollectionAssert.AreEqual(expected, SequenceRows.Read(sequences));
            Assert.AreEqual(rows.Length - rows.Distinct().Count(), sequences.Summary.RepeatedRows);
        });
    }

    [TestMethod]
    public void Without_a_time_column_the_rows_are_in_order_and_all_count()
    {
        IDataView view = View<int, int, int>([(1, 10, 9), (2, 10, 8), (1, 20, 7), (1, 20, 7)]);
        SequenceDataView sequences = Context.Data.GroupIntoSequences(view, timeColumnName: null);
        CollectionAssert.AreEqual(new[] { "1: 10 20 20", "2: 10" }, SequenceRows.Read(sequences));
    }

    [TestMethod]
    public void Times_of_every_type_are_ordered()
    {
        var day = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        AssertOrdered<sbyte>(-5, 0, 7);
        AssertOrdered<byte>(1, 100, 255);
        AssertOrdered<short>(-5, 0, 7);
        AssertOrdered<ushort>(0, 40000, 65535);
        AssertOrdered(int.MinValue, 0, int.MaxValue);
        AssertOrdered(0u, 1u << 31, uint.MaxValue);
        AssertOrdered(long.MinValue, 0, long.MaxValue);
        AssertOrdered(0ul, 1ul << 63, ulong.MaxValue);
        AssertOrdered(-16777215f, -1f, float.Epsilon);
        AssertOrdered(-2.5, -1e-300, 1700000000.0);
        AssertOrdered(day, day.AddTicks(1), day.AddYears(1));
        // The same instant counts, not the clock on the wall.
        AssertOrdered<DateTimeOffset>(
            new(2020, 1, 1, 12, 0, 0, TimeSpan.FromHours(2)),
            new(2020, 1, 1, 11, 0, 0, TimeSpan.Zero),
            new(2020, 1, 1, 10, 0, 0, TimeSpan.FromHours(-5))
        );

        static void AssertOrdered<T>(T first, T second, T third)
        {
            IDataView view = View<int, string, T>([(1, "c", third), (1, "a", first), (1, "b", second)]);
            CollectionAssert.AreEqual(
                new[] { "1: a b c" },
                SequenceRows.Read(Context.Data.GroupIntoSequences(view)),
                typeof(T).Name
            );
        }
    }

    [TestMethod]
    public void Times_whose_order_the_numbers_have_lost_are_refused_by_column_and_row()
    {
        // Six events, ten seconds apart, newest first: a float holds epoch seconds to the nearest 128.
        long[] seconds = [.. Enumerable.Range(0, 6).Select(i => 1_700_000_000L + (50 - (10 * i)))];
        IDataView whole = View<string, string, long>([.. seconds.Select((time, i) => ("u", $"i{i}", time))]);
        CollectionAssert.AreEqual(
            new[] { "u: i5 i4 i3 i2 i1 i0" },
            SequenceRows.Read(Context.Data.GroupIntoSequences(whole))
        );
        IDataView blurred = View<string, string, float>([.. seconds.Select((time, i) => ("u", $"i{i}", (float)time))]);
        Refuses(blurred, "row 0");
        Refuses(View<int, int, float>([(1, 1, 0), (1, 2, -16777216f)]), "row 1");
        Refuses(View<int, int, float>([(1, 1, float.PositiveInfinity)]), "row 0");
        Refuses(View<int, int, double>([(1, 1, 9007199254740992.0)]), "row 0");

        static void Refuses(IDataView view, string row)
        {
            var error = Assert.ThrowsExactly<InvalidOperationException>(() => Context.Data.GroupIntoSequences(view));
            foreach (string word in new[] { "'Time'", row, "Int64" })
            {
                StringAssert.Contains(error.Message, word);
            }
            Assert.ThrowsExactly<InvalidOperationException>(() => Context.Data.SplitAtTime(view, 1));
        }
    }

    [TestMethod]
    public void Epoch_seconds_loaded_as_dates_are_refused_with_the_type_to_use()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["events.tsv"], ["u\tx\t1700000050", "u\ty\t1700000040"]);
        IDataView Load(DataKind time) =>
            Context.Data.LoadFromTextFile(
                folder["events.tsv"],
                [new("User", DataKind.String, 0), new("Item", DataKind.String, 1), new("Time", time, 2)]
            );
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Context.Data.GroupIntoSequences(Load(DataKind.DateTime))
        );
        StringAssert.Contains(error.Message, "'Time'");
        StringAssert.Contains(error.Message, "Int64");
        StringAssert.Contains(error.Message, "Could not parse value 1700000050");
        CollectionAssert.AreEqual(
            new[] { "u: y x" },
            SequenceRows.Read(Context.Data.GroupIntoSequences(Load(DataKind.Int64)))
        );
    }

    [TestMethod]
    public void Ids_that_are_floating_point_numbers_are_refused_with_the_type_to_use()
    {
        IDataView real = View<string, float, int>([("a", 1, 1)]);
        IDataView keyed = Context.Transforms.Conversion.MapValueToKey("Item").Fit(real).Transform(real);
        foreach (IDataView view in new[] { real, keyed })
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Context.Data.GroupIntoSequences(view));
            StringAssert.Contains(error.Message, "item column 'Item'");
            StringAssert.Contains(error.Message, "Int64");
        }
        IDataView users = View<double, int, int>([(1, 1, 1)]);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Context.Data.GroupIntoSequences(users)).Message,
            "Int64"
        );
    }

    [TestMethod]
    public void Ties_in_time_and_lengths_are_told_of()
    {
        var context = new MLContext(1);
        List<string> messages = [];
        context.Log += (_, e) => messages.Add(e.Message);
        SequenceDataView sequences = context.Data.GroupIntoSequences(
            View([
                (1, 10, 5), // a tie of three, the last ones
                (1, 20, 5),
                (1, 30, 5),
                (1, 30, 4),
                (2, 10, 1), // a tie of two, not the last ones
                (2, 20, 1),
                (2, 30, 2),
                (3, 10, 7), // the same row twice is no tie
                (3, 10, 7),
            ])
        );
        SequenceGroupingSummary summary = sequences.Summary;
        Assert.AreEqual(5, summary.TiedInteractions);
        Assert.AreEqual(1, summary.TiedLastItems);
        Assert.AreEqual(new SequenceLengths(1, 1, 3, 4, 4, 4), summary.Lengths);
        Assert.Contains(message => message.Contains("5 of 8 (62.5 %) interactions"), messages);
        Assert.Contains(message => message.Contains("last item of 1 of 3 (33.3 %) sequences"), messages);
        Assert.Contains(message => message.Contains("lengths from 1 to 4, quartiles 1, 3, 4"), messages);

        // Without times there is no tie: the rows are in order.
        Assert.AreEqual(
            0,
            context.Data.GroupIntoSequences(View([(1, 1, 0), (1, 2, 0)]), timeColumnName: null).Summary.TiedInteractions
        );
    }

    [TestMethod]
    public void Quantiles_of_length_are_the_least_that_a_share_does_not_exceed()
    {
        Gen.Int[0, 30]
            .Array[1, 60]
            .Sample(lengths =>
            {
                var (shortest, quarter, median, threeQuarters, nineTenths, longest) = SequenceLengths.Of([.. lengths]);
                Assert.AreEqual(lengths.Min(), shortest);
                Assert.AreEqual(lengths.Max(), longest);
                foreach (
                    (int found, double share) in new[]
                    {
                        (quarter, .25),
                        (median, .5),
                        (threeQuarters, .75),
                        (nineTenths, .9),
                    }
                )
                {
                    Assert.AreEqual(
                        lengths
                            .Where(length => lengths.Count(other => other <= length) >= share * lengths.Length)
                            .Min(),
                        found
                    );
                }
            });
    }

    [TestMethod]
    public void Minus_zero_and_zero_are_the_same_time()
    {
        IDataView view = View<int, int, float>([(1, 1, 0f), (1, 2, -0f), (1, 1, -0f)]);
        SequenceDataView sequences = Context.Data.GroupIntoSequences(view);
        CollectionAssert.AreEqual(new[] { "1: 1 2" }, SequenceRows.Read(sequences));
    }

    [TestMethod]
    public void Ids_keep_their_types_and_keys_become_their_values()
    {
        IDataView view = View<string, long, int>([("b", 70, 1), ("a", 7, 1), ("b", 7, 2)]);
        SequenceDataView plain = Context.Data.GroupIntoSequences(view);
        IDataView keyed = Context
            .Transforms.Conversion.MapValueToKey("User")
            .Append(Context.Transforms.Conversion.MapValueToKey("Item"))
            .Fit(view)
            .Transform(view);
        SequenceDataView fromKeys = Context.Data.GroupIntoSequences(keyed);
        foreach (SequenceDataView sequences in new[] { plain, fromKeys })
        {
            Assert.AreEqual(TextDataViewType.Instance, sequences.Schema["User"].Type);
            Assert.AreEqual(NumberDataViewType.Int64, ((VectorDataViewType)sequences.Schema["Sequence"].Type).ItemType);
            CollectionAssert.AreEqual(new[] { "b: 70 7", "a: 7" }, SequenceRows.Read(sequences));
        }
    }

    [TestMethod]
    public void Incomplete_rows_are_left_out_and_counted()
    {
        IDataView view = View<string, string, float>([
            ("a", "x", 1),
            ("", "x", 2),
            ("a", "", 3),
            ("only this", "", 3),
            ("a", "y", float.NaN),
            ("a", "z", 0),
        ]);
        SequenceDataView sequences = Context.Data.GroupIntoSequences(view);
        CollectionAssert.AreEqual(new[] { "a: z x" }, SequenceRows.Read(sequences));
        Assert.AreEqual(
            new SequenceGroupingSummary(6, 2, 1, 1, 2, 1, 0, 0, 0, new(2, 2, 2, 2, 2, 2)),
            sequences.Summary
        );
    }

    [TestMethod]
    public void A_missing_date_is_no_time()
    {
        IDataView view = View<int, int, DateTime>([(1, 1, default), (1, 2, new(2020, 1, 1))]);
        SequenceDataView sequences = Context.Data.GroupIntoSequences(view);
        CollectionAssert.AreEqual(new[] { "1: 2" }, SequenceRows.Read(sequences));
        Assert.AreEqual(1, sequences.Summary.RowsWithoutTime);
    }

    [TestMethod]
    [DataRow("", "x", 1f, "'User'")]
    [DataRow("a", "", 1f, "'Item'")]
    [DataRow("a", "x", float.NaN, "'Time'")]
    public void Incomplete_rows_are_refused_on_request(string user, string item, float time, string named)
    {
        IDataView view = View<string, string, float>([("a", "x", 0), (user, item, time)]);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Context.Data.GroupIntoSequences(view, new SequenceGroupingOptions { RefuseIncomplete = true })
        );
        StringAssert.Contains(error.Message, named);
        StringAssert.Contains(error.Message, "Row 1");
    }

    [TestMethod]
    public void What_is_left_out_is_logged()
    {
        var context = new MLContext(1);
        List<string> messages = [];
        context.Log += (_, e) => messages.Add(e.Message);
        context.Data.GroupIntoSequences(View<string, string, float>([("a", "x", 0), ("", "x", 0)]));
        Assert.Contains(message => message.Contains("Left out 1 rows without a user"), messages);
    }

    [TestMethod]
    public void Columns_take_the_names_they_are_given()
    {
        IDataView view = Context.Transforms.CopyColumns("U", "User").Fit(Sample()).Transform(Sample());
        SequenceDataView sequences = Context.Data.GroupIntoSequences(view, "U", "Item", "Time", "Items");
        CollectionAssert.AreEqual(new[] { "U", "Items" }, sequences.Schema.Select(column => column.Name).ToArray());
    }

    [TestMethod]
    [DataRow("Nope", "Item", "Time", "user column 'Nope'")]
    [DataRow("User", "Nope", "Time", "item column 'Nope'")]
    [DataRow("User", "Item", "Nope", "time column 'Nope'")]
    [DataRow("Real", "Item", "Time", "Single")]
    [DataRow("User", "Real", "Time", "Single")]
    [DataRow("User", "Item", "Word", "String")]
    public void A_wrong_column_is_named_with_what_was_found(string user, string item, string time, string named)
    {
        IDataView view = Context
            .Transforms.Conversion.ConvertType("Real", "Time", DataKind.Single)
            .Append(Context.Transforms.Conversion.ConvertType("Word", "Time", DataKind.String))
            .Fit(Sample())
            .Transform(Sample());
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Context.Data.GroupIntoSequences(view, user, item, time)
        );
        StringAssert.Contains(error.Message, named);
    }

    [TestMethod]
    public void No_interactions_are_an_error()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Context.Data.GroupIntoSequences(View<int, int, int>([]))
        );
        StringAssert.Contains(error.Message, "0 rows");
    }

    [TestMethod]
    public void It_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            Context.Data.GroupIntoSequences(
                Sample(),
                new SequenceGroupingOptions { CancellationToken = cancellation.Token }
            )
        );
    }

    [TestMethod]
    public void Several_cursors_and_shuffled_ones_serve_every_row_once()
    {
        IDataView view = View([.. Enumerable.Range(0, 1000).Select(i => (i % 333, i % 7, i))]);
        SequenceDataView sequences = Context.Data.GroupIntoSequences(view);
        string[] rows = SequenceRows.Read(sequences);
        foreach (Random? random in new[] { null, new Random(3) })
        {
            DataViewRowCursor[] cursors = sequences.GetRowCursorSet(sequences.Schema, 3, random);
            string[] together = [.. cursors.SelectMany(SequenceRows.Read)];
            CollectionAssert.AreEquivalent(rows, together);
        }
        using DataViewRowCursor shuffled = sequences.GetRowCursor(sequences.Schema, new Random(3));
        string[] order = SequenceRows.Read(shuffled);
        CollectionAssert.AreEquivalent(rows, order);
        CollectionAssert.AreNotEqual(rows, order);
    }

    [TestMethod]
    public void Batches_of_several_cursors_merge_into_the_order_of_the_rows()
    {
        IDataView view = View([.. Enumerable.Range(0, 500).Select(i => (i, i, i))]);
        SequenceDataView sequences = Context.Data.GroupIntoSequences(view);
        List<(long Batch, ulong Row)> found = [];
        foreach (DataViewRowCursor cursor in sequences.GetRowCursorSet(sequences.Schema, 4))
        {
            ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
            DataViewRowId id = default;
            while (cursor.MoveNext())
            {
                getId(ref id);
                found.Add((cursor.Batch, id.Low));
            }
            cursor.Dispose();
        }
        ulong[] merged = [.. found.OrderBy(row => row.Batch).Select(row => row.Row)];
        CollectionAssert.AreEqual(Enumerable.Range(0, 500).Select(i => (ulong)i).ToArray(), merged);
    }

    [TestMethod]
    public void A_cursor_serves_active_columns_at_rows_alone()
    {
        SequenceDataView sequences = Context.Data.GroupIntoSequences(Sample());
        DataViewSchema.Column user = sequences.Schema["User"];
        using DataViewRowCursor cursor = sequences.GetRowCursor([user]);
        Assert.IsTrue(cursor.IsColumnActive(user));
        Assert.IsFalse(cursor.IsColumnActive(sequences.Schema["Sequence"]));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<VBuffer<int>>(sequences.Schema["Sequence"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<long>(user));
        ValueGetter<int> getter = cursor.GetGetter<int>(user);
        int value = 0;
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
        while (cursor.MoveNext())
        {
            getter(ref value);
        }
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void A_file_of_interactions_groups_as_counted_by_hand()
    {
        string path = SharedFolder.Require("data", "scientific", "interactions.tsv");
        string[][] lines = [.. File.ReadLines(path).Skip(1).Select(line => line.Split('\t'))];
        string[] expected =
        [
            .. lines
                .GroupBy(line => line[0])
                .Select(user =>
                    $"{user.Key}: {string.Join(" ", user.OrderBy(line => int.Parse(line[2])).Select(line => line[1]))}"
                ),
        ];
        foreach (DataKind itemKind in new[] { DataKind.Int32, DataKind.String })
        {
            IDataView interactions = Context.Data.LoadFromTextFile(
                path,
                [new("User", DataKind.Int32, 0), new("Item", itemKind, 1), new("Time", DataKind.Int32, 2)],
                hasHeader: true
            );
            SequenceDataView sequences = Context.Data.GroupIntoSequences(interactions);
            Assert.AreEqual(lines.Length, sequences.Summary.Rows);
            Assert.AreEqual(lines.Length, sequences.Summary.Interactions);
            Assert.AreEqual(lines.DistinctBy(line => line[0]).Count(), sequences.Summary.Users);
            CollectionAssert.AreEqual(expected, SequenceRows.Read(sequences));
        }
    }

    private static IDataView Sample() => View<int, int, int>([(1, 10, 1), (2, 10, 1), (1, 20, 2)]);

    private static IDataView View((int, int, int)[] rows) => View<int, int, int>(rows);

    private static IDataView View<TUser, TItem, TTime>((TUser User, TItem Item, TTime Time)[] rows) =>
        Context.Data.LoadFromEnumerable(
            rows.Select(row => new Interaction<TUser, TItem, TTime>(row.User, row.Item, row.Time))
        );
}
