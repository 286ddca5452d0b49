using Microsoft.ML.Runtime;
using Ssna.MLNet.Data;

namespace Ssna.MLNet.Interop;

/// <summary>Reads a cursor's sequences without the items that the catalogue does not have, and says at the end how many.</summary>
/// <param name="host">Where it is said.</param>
/// <param name="columnName">The column's name.</param>
/// <param name="read">Reads the current row's.</param>
internal sealed class HistoryReader(IHost host, string columnName, SequenceReader read) : IDisposable
{
    private int[] _known = [];
    private long _items;
    private long _unknown;

    /// <summary>The known items of the current row, oldest first; the memory is used again by the next call.</summary>
    public ReadOnlySpan<int> Read()
    {
        ReadOnlySpan<int> sequence = read();
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
        _items += sequence.Length;
        _unknown += sequence.Length - count;
        return _known.AsSpan(0, count);
    }

    public void Dispose()
    {
        if (_unknown > 0)
        {
            using IChannel channel = host.Start("Read sequences");
            channel.Warning(
                $"{_unknown} of {_items} items in column '{columnName}' are not in the catalogue; they were skipped."
            );
            _unknown = 0;
        }
    }
}
