using CsCheck;

namespace Ssna.MLNet.Model;

[TestClass]
public sealed class SequencePackingTests
{
    [TestMethod]
    public void Every_item_has_a_slot_of_its_own_in_its_sequences_row() =>
        Gen.Int[1, 12]
            .Array[1, 60]
            .Sample(lengths =>
            {
                var packing = SequencePacking.Pack(lengths);
                long[] slots = packing.Slots();
                Assert.AreEqual(lengths.Sum(), slots.Distinct().Count());
                for (int i = 0; i < lengths.Length; i++)
                {
                    int first = packing.Starts[i];
                    int last = first + lengths[i] - 1;
                    Assert.AreEqual(first / packing.Width, last / packing.Width, "one row");
                    Assert.AreEqual(last, packing.LastSlots()[i]);
                    for (int slot = first; slot <= last; slot++)
                    {
                        Assert.AreEqual(i, packing.Segments[slot]);
                        Assert.AreEqual(slot - first, packing.Positions[slot]);
                    }
                }
                Assert.AreEqual(packing.Segments.Length - slots.Length, packing.Segments.Count(s => s == -1));
            });

    [TestMethod]
    public void Values_go_to_their_slots()
    {
        int[] lengths = [2, 5, 1, 3];
        int[] values = [.. Enumerable.Range(100, 11)];
        var packing = SequencePacking.Pack(lengths);
        long[] placed = packing.Place(values, unused: -7);
        CollectionAssert.AreEqual(
            values.Select(v => (long)v).ToArray(),
            packing.Slots().Select(s => placed[s]).ToArray()
        );
        Assert.AreEqual(placed.Length - values.Length, placed.Count(v => v == -7));
    }

    [TestMethod]
    public void Short_sequences_of_many_lengths_leave_next_to_no_slot_unused()
    {
        var random = new Random(1);
        int[] lengths =
        [
            .. Enumerable.Range(0, 500).Select(_ => Math.Min(50, 1 + (int)(-5 * Math.Log(random.NextDouble())))),
        ];
        var packing = SequencePacking.Pack(lengths);
        Assert.IsGreaterThan(0.95, (double)lengths.Sum() / (packing.Rows * packing.Width));
    }

    [TestMethod]
    public void Short_sequences_lie_in_narrow_rows_which_attention_is_over() =>
        Assert.AreEqual((40, 32), Size([.. Enumerable.Repeat(8, 160)]));

    [TestMethod]
    public void Lengths_above_half_the_longest_fill_wider_rows()
    {
        int[] lengths = [50, .. Enumerable.Repeat(26, 200)];
        (int rows, int width) = Size(lengths);
        Assert.IsGreaterThan(50, width);
        Assert.IsGreaterThan(2 / 3.0, (double)lengths.Sum() / (rows * width), "rows of 50 would be half empty");
    }

    [TestMethod]
    public void One_sequence_fills_its_row() => Assert.AreEqual((1, 7), Size([7]));

    private static (int Rows, int Width) Size(int[] lengths)
    {
        var packing = SequencePacking.Pack(lengths);
        return (packing.Rows, packing.Width);
    }
}
