using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Ids;

namespace Ssna.MLNet.Tests.Ids;

[TestClass]
public class ItemIdsTests
{
    private static readonly MLContext Context = new(1);

    [TestMethod]
    public void Text_ids_keep_the_order_of_the_rows()
    {
        ItemIds ids = Read(Items("b", "a", "c d"), "Item");
        Assert.AreEqual(3, ids.Count);
        Assert.AreEqual("c d", ids.ToText(2));
        Assert.AreEqual(1, IndexOf(ids, "a"));
        Assert.AreEqual(1, IndexOf(ids, "a".AsMemory()));
        Assert.AreEqual(ItemIds.Unknown, IndexOf(ids, "A"));
        Assert.AreEqual(ItemIds.Missing, IndexOf(ids, ""));
        Assert.AreEqual(TextDataViewType.Instance, ids.Type);
    }

    [TestMethod]
    public void Every_integer_type_of_MLNet_can_be_an_id()
    {
        AssertIntegers<sbyte>(-3, 100);
        AssertIntegers<byte>(0, 200);
        AssertIntegers<short>(-3, 30000);
        AssertIntegers<ushort>(0, 60000);
        AssertIntegers(int.MinValue, int.MaxValue);
        AssertIntegers(0u, uint.MaxValue);
        AssertIntegers(long.MinValue, long.MaxValue);
        AssertIntegers(0ul, ulong.MaxValue);
    }

    [TestMethod]
    public void Integer_tables_find_equal_numbers_of_any_integer_type()
    {
        ItemIds ids = Read(Context.Data.LoadFromEnumerable<Row<sbyte>>([new(-1), new(5)]), "Item");
        Assert.AreEqual(1, IndexOf(ids, 5L));
        Assert.AreEqual(1, IndexOf<ushort>(ids, 5));
        Assert.AreEqual(ItemIds.Unknown, IndexOf(ids, 255)); // -1 if it were cut to a byte
        Assert.AreEqual(ItemIds.Unknown, IndexOf(ids, ulong.MaxValue));
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => new TypedIds<string>(ids));
        StringAssert.Contains(error.Message, "SByte");
        StringAssert.Contains(error.Message, "String");
    }

    [TestMethod]
    public void Key_columns_stand_for_their_key_values()
    {
        IDataView keys = Keyed(Items("b", "a"), "Item");
        ItemIds ids = Read(keys, "Item");
        Assert.AreEqual(TextDataViewType.Instance, ids.Type);
        Assert.AreEqual("b", ids.ToText(0));

        IDataView numbers = Keyed(Context.Data.LoadFromEnumerable<Row<long>>([new(70), new(7)]), "Item");
        ItemIds numberIds = Read(numbers, "Item");
        Assert.AreEqual(NumberDataViewType.Int64, numberIds.Type);
        Assert.AreEqual(1, IndexOf(numberIds, 7));
    }

    [TestMethod]
    public void Keys_without_values_stand_for_their_number()
    {
        // ML.NET counts the values of a class from 0 and its keys from 1.
        IDataView items = Context.Data.LoadFromEnumerable([new BareKeyRow { Item = 2 }, new BareKeyRow { Item = 0 }]);
        ItemIds ids = Read(items, "Item");
        Assert.AreEqual(NumberDataViewType.UInt32, ids.Type);
        Assert.AreEqual("3", ids.ToText(0));
        Assert.AreEqual(1, IndexOf(ids, 1));
    }

    [TestMethod]
    public void Sequences_of_keys_find_the_catalogue_by_value_and_not_by_number()
    {
        ItemIds ids = Read(Items("c", "b", "a"), "Item");
        IDataView keyed = Keyed(
            Context.Data.LoadFromEnumerable([
                new TextSequence { Sequence = ["a", "new", "", "c"] },
                new TextSequence { Sequence = [] },
            ]),
            "Sequence"
        );
        CollectionAssert.AreEqual(new[] { 2, ItemIds.Unknown, 0 }, Sequences(ids, keyed)[0]);
        CollectionAssert.AreEqual(Array.Empty<int>(), Sequences(ids, keyed)[1]);
    }

    [TestMethod]
    public void Sequences_mark_unknown_ids_and_leave_out_missing_ones()
    {
        ItemIds ids = Read(Items("b", "a"), "Item");
        IDataView view = Context.Data.LoadFromEnumerable([
            new TextSequence { Sequence = ["a", "x", "", "b", "a"] },
            new TextSequence { Sequence = [] },
        ]);
        List<int[]> found = Sequences(ids, view);
        CollectionAssert.AreEqual(new[] { 1, ItemIds.Unknown, 0, 1 }, found[0]);
        Assert.IsEmpty(found[1]);
    }

    [TestMethod]
    public void Sparse_sequences_are_read_in_full()
    {
        ItemIds ids = Read(Context.Data.LoadFromEnumerable<Row<int>>([new(5), new(0)]), "Item");
        IDataView view = Context.Data.LoadFromEnumerable([
            new SparseSequence { Sequence = new VBuffer<int>(4, 1, [5], [2]) },
        ]);
        CollectionAssert.AreEqual(new[] { 1, 1, 0, 1 }, Sequences(ids, view)[0]);
    }

    [TestMethod]
    public void Getters_give_ids_in_their_own_type()
    {
        var ids = (ItemIds<ReadOnlyMemory<char>>)Read(Items("b", "a"), "Item");
        var getter = (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)ids.CreateSequenceGetter(() => [1, 0, 1]);
        VBuffer<ReadOnlyMemory<char>> value = default;
        getter(ref value);
        CollectionAssert.AreEqual(new[] { "a", "b", "a" }, value.DenseValues().Select(v => v.ToString()).ToArray());

        var scalar = (ValueGetter<ReadOnlyMemory<char>>)ids.CreateItemGetter(() => 1);
        ReadOnlyMemory<char> one = default;
        scalar(ref one);
        Assert.AreEqual("a", one.ToString());
    }

    [TestMethod]
    public void Any_texts_are_found_again_at_their_index_and_survive_saving()
    {
        Gen.String.Where(text => text.Length > 0)
            .Array[0, 200]
            .Sample(texts =>
            {
                string[] distinct = [.. texts.Distinct(StringComparer.Ordinal)];
                var ids = new TextItemIds();
                foreach (string text in texts)
                {
                    ids.FindOrAdd(text);
                }
                ItemIds loaded = Reload(ids);
                Assert.AreEqual(distinct.Length, loaded.Count);
                for (int i = 0; i < distinct.Length; i++)
                {
                    Assert.AreEqual(i, IndexOf(ids, distinct[i]));
                    Assert.AreEqual(i, IndexOf(loaded, distinct[i]));
                    Assert.AreEqual(distinct[i], loaded.ToText(i));
                }
            });
    }

    [TestMethod]
    public void Looking_up_text_allocates_nothing()
    {
        var ids = new TextItemIds();
        ids.FindOrAdd("an id that is longer than a few characters");
        ReadOnlyMemory<char> id = "an id that is longer than a few characters".AsMemory();
        ids.Find(id);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            ids.Find(id);
        }
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Added_ids_go_behind_and_those_already_there_keep_their_index()
    {
        ItemIds ids = Read(Items("b", "a"), "Item");
        ItemIds more = ids.With(Read(Items("c", "b"), "Item"), out int[] positions);
        CollectionAssert.AreEqual(new[] { 2, 0 }, positions);
        Assert.AreEqual(3, more.Count);
        Assert.AreEqual(2, ids.Count);

        ItemIds fewer = more.Without([0], out int[] kept);
        CollectionAssert.AreEqual(new[] { 1, 2 }, kept);
        Assert.AreEqual("a", fewer.ToText(0));
        Assert.AreEqual(ItemIds.Unknown, IndexOf(fewer, "b"));
    }

    [TestMethod]
    public void Ids_of_another_type_cannot_be_added()
    {
        ItemIds numbers = Read(Context.Data.LoadFromEnumerable<Row<int>>([new(5)]), "Item");
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() =>
            Read(Items("a"), "Item").With(numbers, out _)
        );
        StringAssert.Contains(error.Message, "String");
        StringAssert.Contains(error.Message, "Int32");
    }

    [TestMethod]
    public void In_a_table_of_text_ids_of_any_type_are_found_by_their_text()
    {
        ItemIds ids = Read(Items("7", "007", "-1"), "Item");
        IDataView numbers = Context.Data.LoadFromEnumerable([new NumberSequence { Sequence = [-1, 7, 8, 7] }]);
        int[] expected = [2, 0, ItemIds.Unknown, 0];
        CollectionAssert.AreEqual(expected, Sequences(ids, numbers)[0]);
        CollectionAssert.AreEqual(expected, Sequences(ids, Keyed(numbers, "Sequence"))[0]);
    }

    [TestMethod]
    public void A_column_that_is_missing_or_holds_no_ids_is_named()
    {
        IDataView view = Context.Data.LoadFromEnumerable<Row<float>>([new(1)]);
        var missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Read(view, "Nope"));
        StringAssert.Contains(missing.Message, "item column 'Nope' among the columns Item.");
        var wrong = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Read(view, "Item"));
        StringAssert.Contains(wrong.Message, "'Item'");
        StringAssert.Contains(wrong.Message, "Single");
    }

    [TestMethod]
    public void A_sequence_of_another_type_than_the_catalogue_is_refused()
    {
        ItemIds ids = Read(Context.Data.LoadFromEnumerable<Row<int>>([new(5)]), "Item");
        IDataView view = Context.Data.LoadFromEnumerable([new TextSequence { Sequence = ["5"] }]);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Sequences(ids, view, ids.Type));
        StringAssert.Contains(error.Message, "'Sequence'");
        StringAssert.Contains(error.Message, "Int32");
        StringAssert.Contains(error.Message, "String");
    }

    [TestMethod]
    public void A_damaged_table_is_refused()
    {
        ItemIds ids = Read(Items("b", "a", "long enough"), "Item");
        byte[] saved = Save(ids);
        for (int length = 0; length < saved.Length; length++)
        {
            Assert.ThrowsExactly<FormatException>(() => Load(saved[..length]), $"cut at {length}");
        }
        byte[] kind = [99, .. saved[1..]];
        Assert.ThrowsExactly<FormatException>(() => Load(kind));
        byte[] negative = [saved[0], 255, 255, 255, 255, .. saved[5..]];
        Assert.ThrowsExactly<FormatException>(() => Load(negative));
        byte[] repeated = [.. saved];
        repeated[9] = repeated[6]; // the second id's character becomes the first's
        Assert.ThrowsExactly<FormatException>(() => Load(repeated));
    }

    private static void AssertIntegers<T>(T first, T second)
        where T : unmanaged
    {
        ItemIds ids = Read(Context.Data.LoadFromEnumerable<Row<T>>([new(first), new(second)]), "Item");
        ItemIds loaded = Reload(ids);
        Assert.AreEqual(typeof(T), loaded.Type.RawType);
        Assert.AreEqual(0, IndexOf(loaded, first));
        Assert.AreEqual(1, IndexOf(loaded, second));
        Assert.AreEqual(second.ToString(), loaded.ToText(1));
    }

    private static int IndexOf<TItem>(ItemIds ids, TItem item)
        where TItem : notnull => new TypedIds<TItem>(ids).IndexOf(item);

    private static ItemIds Read(IDataView items, string columnName)
    {
        var column = IdColumn.Require(Context, items.Schema, columnName, "item", vector: false);
        using DataViewRowCursor cursor = items.GetRowCursor([column.Column]);
        ItemIds ids = column.CreateTable();
        Func<int> read = column.CreateItemReader(cursor, ids, add: true);
        while (cursor.MoveNext())
        {
            read();
        }
        return ids;
    }

    private static List<int[]> Sequences(ItemIds ids, IDataView view, PrimitiveDataViewType? expected = null)
    {
        var column = IdColumn.Require(Context, view.Schema, "Sequence", "sequence", vector: true, expected);
        using DataViewRowCursor cursor = view.GetRowCursor([column.Column]);
        SequenceReader read = column.CreateSequenceReader(cursor, ids);
        List<int[]> found = [];
        while (cursor.MoveNext())
        {
            found.Add(read().ToArray());
        }
        return found;
    }

    private static ItemIds Reload(ItemIds ids) => Load(Save(ids));

    private static byte[] Save(ItemIds ids)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            ids.Save(writer);
        }
        return stream.ToArray();
    }

    private static ItemIds Load(byte[] saved)
    {
        using var reader = new BinaryReader(new MemoryStream(saved));
        return ItemIds.Load(reader);
    }

    private static IDataView Items(params string[] ids) =>
        Context.Data.LoadFromEnumerable(ids.Select(id => new Row<string>(id)));

    private static IDataView Keyed(IDataView view, string column) =>
        Context.Transforms.Conversion.MapValueToKey(column).Fit(view).Transform(view);

    private sealed class Row<T>(T item)
    {
        public Row()
            : this(default!) { }

        public T Item { get; set; } = item;
    }

    private sealed class BareKeyRow
    {
        [KeyType(10)]
        public uint Item { get; set; }
    }

    private sealed class TextSequence
    {
        public string[] Sequence { get; set; } = [];
    }

    private sealed class NumberSequence
    {
        public long[] Sequence { get; set; } = [];
    }

    private sealed class SparseSequence
    {
        [VectorType(4)]
        public VBuffer<int> Sequence { get; set; }
    }
}
