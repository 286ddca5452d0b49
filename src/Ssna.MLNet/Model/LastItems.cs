using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// The last items of packed sequences, row by row: what attends in a block of which only they are wanted. Rows with fewer
/// sequences than others repeat their first one, so that all have as many.
/// </summary>
internal sealed class LastItems
{
    private readonly Tensor _slots; // (B): the slot of each sequence's last item
    private readonly Tensor _sequences; // (R * S): the sequences of each row
    private readonly Tensor _places; // (B): where each sequence stands in _sequences

    private LastItems(PackedSequences packing, int perRow, Tensor slots, Tensor sequences, Tensor places)
    {
        (Packing, PerRow) = (packing, perRow);
        (_slots, _sequences, _places) = (slots, sequences, places);
    }

    /// <summary>All that a model needs to know of packed sequences, and what is in their slots, in one copy to a device.</summary>
    /// <param name="packing">How the sequences are laid out.</param>
    /// <param name="items">The items of the sequences, end to end.</param>
    /// <param name="device">Where to.</param>
    /// <param name="inSlots">The item of each slot, 0 in unused ones: (R * W).</param>
    public static LastItems Upload(SequencePacking packing, ReadOnlySpan<int> items, Device device, out Tensor inSlots)
    {
        (long[] sequences, long[] places) = ByRow(packing);
        Tensor[] lists = DeviceMemory.Upload(
            device,
            packing.Place(items, unused: 0),
            packing.Positions,
            packing.Segments,
            packing.LastSlots(),
            sequences,
            places
        );
        inSlots = lists[0]; // (R * W)
        var packed = new PackedSequences(packing.Rows, packing.Width, lists[1], lists[2]);
        return new LastItems(packed, sequences.Length / packing.Rows, lists[3], lists[4], lists[5]);
    }

    /// <summary>The sequences that they are the last items of.</summary>
    public PackedSequences Packing { get; }

    /// <summary>Sequences of a row: S.</summary>
    public int PerRow { get; }

    /// <summary>The rows of slots that hold the sequences' last items: (R * W, d) to (B, d).</summary>
    public Tensor Of(Tensor slots) => slots.index_select(0, _slots); // (B, d)

    /// <summary>From one entry a sequence to one for each sequence of each row: (B, ...) to (R * S, ...).</summary>
    public Tensor ToRows(Tensor sequences) => sequences.index_select(0, _sequences); // (R * S, ...)

    /// <summary>And back: (R * S, ...) to (B, ...).</summary>
    public Tensor FromRows(Tensor rows) => rows.index_select(0, _places); // (B, ...)

    /// <summary>Whether a slot of a row is none of a sequence's: (R, S, 1, W).</summary>
    public Tensor Hidden()
    {
        Tensor segments = Packing.Segments.view(Packing.Rows, 1, 1, Packing.Width); // (R, 1, 1, W)
        return segments.ne(_sequences.view(Packing.Rows, PerRow, 1, 1)); // (R, S, 1, W)
    }

    private static (long[] Sequences, long[] Places) ByRow(SequencePacking packing)
    {
        var filled = new int[packing.Rows];
        var places = new long[packing.Starts.Length];
        foreach (int start in packing.Starts)
        {
            filled[start / packing.Width]++;
        }
        int perRow = filled.Max();
        var sequences = new long[packing.Rows * perRow];
        Array.Clear(filled);
        for (int sequence = 0; sequence < places.Length; sequence++)
        {
            int row = packing.Starts[sequence] / packing.Width;
            Span<long> inRow = sequences.AsSpan(row * perRow, perRow);
            if (filled[row] == 0)
            {
                inRow.Fill(sequence);
            }
            places[sequence] = (row * perRow) + filled[row];
            inRow[filled[row]++] = sequence;
        }
        return (sequences, places);
    }
}
