using Ssna.MLNet.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.SequenceModels;

/// <summary>
/// The last items of packed sequences, row by row: what attends in a block of which only they are wanted. Rows with fewer
/// sequences than others repeat their first one, so that all have as many.
/// </summary>
internal sealed class LastItems
{
    private readonly SequencePacking _packing;
    private readonly long[] _sequences; // (R * S): the sequences of each row
    private readonly long[] _places; // (B): where each sequence stands in _sequences

    public LastItems(SequencePacking packing)
    {
        _packing = packing;
        var filled = new int[packing.Rows];
        _places = new long[packing.Starts.Length];
        foreach (int start in packing.Starts)
        {
            filled[start / packing.Width]++;
        }
        PerRow = filled.Max();
        _sequences = new long[packing.Rows * PerRow];
        Array.Clear(filled);
        for (int sequence = 0; sequence < _places.Length; sequence++)
        {
            int row = packing.Starts[sequence] / packing.Width;
            Span<long> inRow = _sequences.AsSpan(row * PerRow, PerRow);
            if (filled[row] == 0)
            {
                inRow.Fill(sequence);
            }
            _places[sequence] = (row * PerRow) + filled[row];
            inRow[filled[row]++] = sequence;
        }
    }

    /// <summary>Rows: R.</summary>
    public int Rows => _packing.Rows;

    /// <summary>Slots of a row: W.</summary>
    public int Width => _packing.Width;

    /// <summary>Sequences of a row: S.</summary>
    public int PerRow { get; }

    /// <summary>The rows of slots that hold the sequences' last items: (R * W, d) to (B, d).</summary>
    public Tensor Of(Tensor slots) => slots.index_select(0, tensor(_packing.LastSlots(), device: slots.device)); // (B, d)

    /// <summary>From one entry a sequence to one for each sequence of each row: (B, ...) to (R * S, ...).</summary>
    public Tensor ToRows(Tensor sequences) => sequences.index_select(0, tensor(_sequences, device: sequences.device)); // (R * S, ...)

    /// <summary>And back: (R * S, ...) to (B, ...).</summary>
    public Tensor FromRows(Tensor rows) => rows.index_select(0, tensor(_places, device: rows.device)); // (B, ...)

    /// <summary>Whether a slot of a row is none of a sequence's: (R, S, 1, W).</summary>
    public Tensor Hidden(Device device)
    {
        Tensor segments = tensor(_packing.Segments, device: device).view(Rows, 1, 1, Width); // (R, 1, 1, W)
        Tensor sequences = tensor(_sequences, ScalarType.Int32, device).view(Rows, PerRow, 1, 1); // (R, S, 1, 1)
        return segments.ne(sequences); // (R, S, 1, W)
    }
}
