using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Interop;

[TestClass]
public sealed class BlockMapperTests
{
    private const int Rows = 203;

    private sealed class Input
    {
        public string Text { get; set; } = "";
        public float Number { get; set; }
        public DateTime Time { get; set; }
        public float[] Values { get; set; } = [];
        public string[] Words { get; set; } = [];

        [VectorType(3)]
        public int[] Three { get; set; } = [];

        [KeyType(11)]
        public uint Key { get; set; }
    }

    private static readonly string[] s_inputs = ["Text", "Number", "Time", "Values", "Words", "Three", "Key", "Sparse"];

    private readonly MLContext _context = new(seed: 1);

    private IDataView Load()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, Rows)
                .Select(i => new Input
                {
                    Text = new string('x', i * 7 % 11),
                    Number = i + 0.1f,
                    Time = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i),
                    Values = [.. Enumerable.Range(0, i % 4).Select(j => (float)(i * j))],
                    Words = [.. Enumerable.Range(0, i % 3).Select(j => $"{i} {j}")],
                    Three = [i, -i, 2 * i],
                    Key = (uint)(i % 12),
                })
                .ToArray()
        );
        // A sparse vector, made by ML.NET itself.
        return _context.Transforms.Conversion.MapKeyToVector("Sparse", "Key").Fit(rows).Transform(rows);
    }

    [TestMethod]
    public void Columns_of_every_type_pass_through_the_look_ahead_unchanged()
    {
        IDataView input = Load();
        IDataView output = new TextLengths(_context, input.Schema, window: 10).Apply(input);

        using DataViewRowCursor cursor = output.GetRowCursor(output.Schema);
        CollectionAssert.AreEqual(
            DataViews.Lines(input, s_inputs).ToArray(),
            DataViews.Lines(cursor, s_inputs).ToArray()
        );
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(10)]
    [DataRow(Rows)]
    [DataRow(4096)]
    public void Outputs_belong_to_their_row_and_block_whatever_the_window(int window)
    {
        IDataView input = Load();
        var mapper = new TextLengths(_context, input.Schema, window);
        IDataView output = mapper.Apply(input);

        int[] lengths = [.. DataViews.Values(input, "Text").Select(text => text.Length)];
        CollectionAssert.AreEqual(
            lengths.Select(length => $"{length}").ToArray(),
            DataViews.Values(output, "Length").ToArray()
        );
        CollectionAssert.AreEqual(
            lengths.Chunk(window).SelectMany(block => block.Select(length => $"2[{block.Max()},{length}]")).ToArray(),
            DataViews.Values(output, "Longest").ToArray()
        );
        CollectionAssert.AreEqual(lengths.Chunk(window).Select(block => block.Length).ToArray(), mapper.LengthBlocks);
    }

    [TestMethod]
    public void What_is_not_asked_for_is_neither_gathered_nor_computed()
    {
        IDataView input = Load();
        var mapper = new TextLengths(_context, input.Schema, window: 10);
        IDataView output = mapper.Apply(input);

        CollectionAssert.AreEqual(
            DataViews.Lines(input, "Text", "Values").ToArray(),
            DataViews.Lines(output, "Text", "Values").ToArray()
        );
        Assert.AreEqual(0, mapper.Gathered);
        DataViews.Values(output, "Length");
        Assert.AreEqual(Rows, mapper.Gathered);
        Assert.IsEmpty(mapper.LongestBlocks);

        // Active, but never read: the rows are gathered and nothing is computed.
        using DataViewRowCursor cursor = output.GetRowCursor([output.Schema["Longest"]]);
        while (cursor.MoveNext()) { }
        Assert.IsEmpty(mapper.LongestBlocks);
    }

    [TestMethod]
    public void The_input_is_read_once()
    {
        int read = 0;
        IDataView input = _context.Data.FilterByCustomPredicate<Input>(
            _context.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(i => new Input { Text = $"{i}" })),
            row => ++read < 0
        );
        DataViews.Lines(new TextLengths(_context, input.Schema, window: 10).Apply(input), "Text", "Length", "Longest");
        Assert.AreEqual(Rows, read);
    }

    [TestMethod]
    public void Rows_read_ahead_stay_what_they_were_when_a_reader_keeps_them()
    {
        IDataView input = Load();
        IDataView output = new TextLengths(_context, input.Schema, window: 10).Apply(input);
        using DataViewRowCursor cursor = output.GetRowCursor(output.Schema);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(output.Schema["Values"]);
        var kept = new List<VBuffer<float>>();
        while (cursor.MoveNext())
        {
            VBuffer<float> mine = default;
            getter(ref mine);
            kept.Add(mine);
        }
        for (int i = 0; i < Rows; i++)
        {
            CollectionAssert.AreEqual(
                Enumerable.Range(0, i % 4).Select(j => (float)(i * j)).ToArray(),
                kept[i].DenseValues().ToArray()
            );
        }
    }

    [TestMethod]
    public void Parallel_cursors_give_every_row_once_with_batches_that_restore_the_order()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, Enumerable.Range(0, 20_000).Select(i => $"{i}\t{new string('x', i % 13)}"));
            TextLoader loader = _context.Data.CreateTextLoader(
                [new("Number", DataKind.Int32, 0), new("Text", DataKind.String, 1)],
                allowQuoting: false
            );
            IDataView input = loader.Load(path);
            IDataView output = new TextLengths(_context, input.Schema, window: 100).Apply(input);

            DataViewRowCursor[] cursors = output.GetRowCursorSet(output.Schema, 4);
            var rows = new List<(long Batch, int Cursor, long Position, int Number, int Length)>();
            Task[] readers =
            [
                .. cursors.Select(
                    (cursor, index) =>
                        Task.Factory.StartNew(
                            () =>
                            {
                                using (cursor)
                                {
                                    ValueGetter<int> getNumber = cursor.GetGetter<int>(output.Schema["Number"]);
                                    ValueGetter<int> getLength = cursor.GetGetter<int>(output.Schema["Length"]);
                                    while (cursor.MoveNext())
                                    {
                                        int number = 0,
                                            length = 0;
                                        getNumber(ref number);
                                        getLength(ref length);
                                        lock (rows)
                                        {
                                            rows.Add((cursor.Batch, index, cursor.Position, number, length));
                                        }
                                    }
                                }
                            },
                            TestContext.CancellationToken,
                            TaskCreationOptions.LongRunning,
                            TaskScheduler.Default
                        )
                ),
            ];
            Task.WaitAll(readers, TestContext.CancellationToken);

            Assert.IsGreaterThan(1, rows.Select(row => row.Batch).Distinct().Count());
            CollectionAssert.AreEqual(
                Enumerable.Range(0, 20_000).ToArray(),
                rows.OrderBy(row => row.Batch).ThenBy(row => row.Position).Select(row => row.Number).ToArray()
            );
            Assert.IsTrue(rows.All(row => row.Length == row.Number % 13));
            Assert.IsTrue(
                rows.GroupBy(row => row.Batch).All(batch => batch.Select(row => row.Cursor).Distinct().Count() == 1)
            );
        }
        finally
        {
            File.Delete(path);
        }
    }

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public void Shuffling_reaches_the_input_and_keeps_row_ids()
    {
        // Without being read once, a cache does not know its row count.
        IDataView input = _context.Data.Cache(Load());
        DataViews.Lines(input, s_inputs);
        IDataView output = new TextLengths(_context, input.Schema, window: 10).Apply(input);
        Assert.IsTrue(output.CanShuffle);
        Assert.AreEqual(Rows, output.GetRowCount());

        using DataViewRowCursor expected = input.GetRowCursor(input.Schema, new Random(3));
        using DataViewRowCursor shuffled = output.GetRowCursor(output.Schema, new Random(3));
        IReadOnlyList<string> lines = DataViews.Lines(shuffled, s_inputs);
        CollectionAssert.AreEqual(DataViews.Lines(expected, s_inputs).ToArray(), lines.ToArray());
        CollectionAssert.AreNotEqual(DataViews.Lines(output, s_inputs).ToArray(), lines.ToArray());
    }

    [TestMethod]
    public void A_single_row_is_a_block_of_one_that_follows_its_input()
    {
        IDataView input = Load();
        var mapper = new TextLengths(_context, input.Schema, window: 10);
        DataViewRowCursor cursor = input.GetRowCursor(mapper.GetDependencies(mapper.OutputSchema));
        using DataViewRow row = mapper.GetRow(cursor, mapper.OutputSchema);
        Func<string> length = DataViews.Value(row, mapper.OutputSchema["Length"]);
        Func<string> longest = DataViews.Value(row, mapper.OutputSchema["Longest"]);
        Func<string> text = DataViews.Value(row, mapper.OutputSchema["Text"]);
        int rows = 0;
        while (cursor.MoveNext())
        {
            int expected = text().Length;
            Assert.AreEqual($"2[{expected},{expected}]", longest());
            Assert.AreEqual($"{expected}", length());
            Assert.AreEqual(rows++, row.Position);
        }
        Assert.AreEqual(Rows, rows);
    }

    [TestMethod]
    public void Dependencies_are_the_inputs_of_the_outputs_asked_for()
    {
        IDataView input = Load();
        var mapper = new TextLengths(_context, input.Schema, window: 10);
        string[] Needed(params string[] names) =>
            [.. mapper.GetDependencies(names.Select(name => mapper.OutputSchema[name])).Select(column => column.Name)];

        CollectionAssert.AreEqual(new[] { "Text" }, Needed("Length"));
        CollectionAssert.AreEqual(new[] { "Number" }, Needed("Number"));
        CollectionAssert.AreEqual(new[] { "Text", "Key" }, Needed("Longest", "Key"));
    }

    [TestMethod]
    public void Inactive_columns_and_wrong_types_are_refused_by_name()
    {
        IDataView input = Load();
        IDataView output = new TextLengths(_context, input.Schema, window: 10).Apply(input);
        using DataViewRowCursor cursor = output.GetRowCursor([output.Schema["Length"], output.Schema["Number"]]);

        StringAssert.Contains(
            Assert.Throws<ArgumentException>(() => cursor.GetGetter<DateTime>(output.Schema["Time"])).Message,
            "Time"
        );
        StringAssert.Contains(
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(output.Schema["Length"])).Message,
            "Length"
        );
        StringAssert.Contains(
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(output.Schema["Number"])).Message,
            "Number"
        );
        ValueGetter<int> early = cursor.GetGetter<int>(output.Schema["Length"]);
        int value = 0;
        Assert.Throws<InvalidOperationException>(() => early(ref value));
    }

    [TestMethod]
    public void A_cancelled_token_stops_the_reading_of_rows()
    {
        IDataView input = Load();
        using var source = new CancellationTokenSource();
        var mapper = new TextLengths(_context, input.Schema, window: 10, source.Token);
        using DataViewRowCursor cursor = mapper.Apply(input).GetRowCursor(mapper.OutputSchema);
        Assert.IsTrue(cursor.MoveNext());
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
        {
            while (cursor.MoveNext()) { }
        });
        Assert.AreEqual(10, mapper.Gathered);
    }

    [TestMethod]
    public void MLNets_own_cancellation_stops_the_reading_of_rows()
    {
        IDataView input = Load();
        var mapper = new TextLengths(_context, input.Schema, window: 10);
        using DataViewRowCursor cursor = mapper.Apply(input).GetRowCursor(mapper.OutputSchema);
        Assert.IsTrue(cursor.MoveNext());
        // Internal to ML.NET, as AutoML reaches it.
        typeof(MLContext)
            .GetMethod(
                "CancelExecution",
                System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance
            )!
            .Invoke(_context, null);
        Assert.Throws<OperationCanceledException>(() =>
        {
            while (cursor.MoveNext()) { }
        });
    }
}
