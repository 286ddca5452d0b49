using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;

namespace Ssna.MLNet.Evaluation;

/// <summary>The items of a score column, known by its slot names; ids of any type find their slot by their text.</summary>
internal sealed class SlotIds
{
    private readonly TextItemIds _slots = new();

    /// <summary>The number of items.</summary>
    public int Count => _slots.Count;

    /// <summary>The column of that name, if it holds scores with slot names.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or holds something else.</exception>
    public static DataViewSchema.Column RequireScores(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column =
            schema.GetColumnOrNull(name) ?? throw Contracts.ExceptSchemaMismatch(nameof(schema), "score", name);
        if (
            column.Type is not VectorDataViewType { IsKnownSize: true } type
            || type.ItemType is not NumberDataViewType { RawType: var raw }
            || raw != typeof(float)
            || !column.HasSlotNames()
        )
        {
            throw Contracts.ExceptSchemaMismatch(
                nameof(schema),
                "score",
                name,
                "a known-size vector of Single with the items' ids as slot names",
                column.Type + (column.HasSlotNames() ? "" : " without slot names")
            );
        }
        return column;
    }

    /// <summary>The items of a score column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A slot name is empty, or stands for two slots.</exception>
    public static SlotIds Read(DataViewSchema.Column scores)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        scores.GetSlotNames(ref names);
        var ids = new SlotIds();
        foreach (ReadOnlyMemory<char> name in names.DenseValues())
        {
            int slot = ids.Count;
            if (ids._slots.FindOrAdd(name) != slot)
            {
                throw Contracts.ExceptSchemaMismatch(
                    nameof(scores),
                    "score",
                    scores.Name,
                    "a different item id as the name of every slot",
                    $"'{name}' as the name of slot {slot}" + (name.IsEmpty ? "" : " and of an earlier one")
                );
            }
        }
        return ids;
    }

    /// <inheritdoc cref="ItemIds.CreateItemReader"/>
    public Func<int> CreateItemReader(DataViewRow row, DataViewSchema.Column column)
    {
        ItemIds own = ItemIds.Create(IdColumn.TypeOf(column)!);
        Func<int> read = own.CreateItemReader(row, column, add: true);
        List<int> slotOf = [];
        return () => Slot(own, slotOf, read());
    }

    /// <inheritdoc cref="ItemIds.CreateSequenceReader"/>
    public SequenceReader CreateSequenceReader(DataViewRow row, DataViewSchema.Column column)
    {
        ItemIds own = ItemIds.Create(IdColumn.TypeOf(column)!);
        SequenceReader read = own.CreateSequenceReader(row, column, add: true);
        List<int> slotOf = [];
        int[] found = [];
        return () =>
        {
            ReadOnlySpan<int> indexes = read();
            if (found.Length < indexes.Length)
            {
                found = new int[2 * indexes.Length];
            }
            for (int i = 0; i < indexes.Length; i++)
            {
                found[i] = Slot(own, slotOf, indexes[i]);
            }
            return found.AsSpan(0, indexes.Length);
        };
    }

    /// <summary>The slot of an id of the column's own table, which each distinct id is written as text for but once.</summary>
    private int Slot(ItemIds own, List<int> slotOf, int index)
    {
        while (slotOf.Count <= index)
        {
            slotOf.Add(_slots.Find(own.TextOf(slotOf.Count)));
        }
        return index < 0 ? index : slotOf[index];
    }
}
