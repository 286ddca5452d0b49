using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Data;

/// <summary>Reads a column of sequences as catalogue indexes, counting what the catalogue does not have.</summary>
internal sealed class SequenceColumn(IDataView data, string columnName, ItemIds ids)
{
    /// <summary>Rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Items read, known or not.</summary>
    public long Items { get; private set; }

    /// <summary>Items skipped because the catalogue does not have them.</summary>
    public long UnknownItems { get; private set; }

    /// <summary>The known items of every row; the memory is used again by the next row.</summary>
    public IEnumerable<ReadOnlyMemory<int>> Read(Action checkAlive)
    {
        DataViewSchema.Column column = Require();
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        SequenceReader read = ids.CreateSequenceReader(cursor, column);
        int[] known = [];
        while (cursor.MoveNext())
        {
            checkAlive();
            yield return Keep(read(), ref known);
        }
    }

    /// <summary>The same with the index of each row's label: negative where the catalogue does not have it.</summary>
    public IEnumerable<(ReadOnlyMemory<int> Sequence, int Label)> ReadWith(string labelColumnName, Action checkAlive)
    {
        DataViewSchema.Column column = Require();
        DataViewSchema.Column label = IdColumn.Require(data.Schema, labelColumnName, "label", vector: false, ids.Type);
        using DataViewRowCursor cursor = data.GetRowCursor([column, label]);
        SequenceReader read = ids.CreateSequenceReader(cursor, column);
        Func<int> readLabel = ids.CreateItemReader(cursor, label);
        int[] known = [];
        while (cursor.MoveNext())
        {
            checkAlive();
            yield return (Keep(read(), ref known), readLabel());
        }
    }

    /// <summary>Says how many items were skipped, if any.</summary>
    public void Report(IChannel channel)
    {
        if (UnknownItems > 0)
        {
            channel.Warning(
                $"{UnknownItems} of {Items} items in column '{columnName}' are not in the catalogue; they are skipped."
            );
        }
    }

    private DataViewSchema.Column Require() =>
        IdColumn.Require(data.Schema, columnName, "sequence", vector: true, ids.Type);

    private ReadOnlyMemory<int> Keep(ReadOnlySpan<int> read, ref int[] known)
    {
        if (known.Length < read.Length)
        {
            known = new int[read.Length];
        }
        int count = 0;
        foreach (int item in read)
        {
            if (item >= 0)
            {
                known[count++] = item;
            }
        }
        Rows++;
        Items += read.Length;
        UnknownItems += read.Length - count;
        return known.AsMemory(0, count);
    }
}
