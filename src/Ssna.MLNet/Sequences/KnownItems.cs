using Microsoft.ML;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Sequences;

/// <summary>Reads sequences without the items that the catalogue does not have, which it counts.</summary>
/// <param name="row">The row, or the cursor.</param>
/// <param name="column">The column of sequences in it.</param>
/// <param name="catalogue">The ids of the items.</param>
internal sealed class KnownItems(DataViewRow row, IdColumn column, ItemIds catalogue)
{
    private readonly SequenceReader _read = column.CreateSequenceReader(row, catalogue);
    private int[] _known = [];

    /// <summary>Rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Items read, known or not.</summary>
    public long Items { get; private set; }

    /// <summary>Items skipped.</summary>
    public long Unknown { get; private set; }

    /// <summary>The known items of the current row, oldest first; the memory is used again by the next call.</summary>
    public ReadOnlySpan<int> Read()
    {
        ReadOnlySpan<int> sequence = _read();
        if (_known.Length < sequence.Length)
        {
            _known = new int[sequence.Length];
        }
        int count = 0;
        foreach (int item in sequence)
        {
            if (item >= 0)
            {
                _known[count++] = item;
            }
        }
        Rows++;
        Items += sequence.Length;
        Unknown += sequence.Length - count;
        return _known.AsSpan(0, count);
    }

    /// <summary>Says how many items were skipped, if any.</summary>
    public void Report(IChannel channel)
    {
        if (Unknown > 0)
        {
            channel.Warn(
                $"{Share.Of(Unknown, Items)} items in column '{column.Name}' are not in the catalogue; they were skipped."
            );
        }
    }
}
