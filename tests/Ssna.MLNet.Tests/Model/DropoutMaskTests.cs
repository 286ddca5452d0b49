namespace Ssna.MLNet.Model;

[TestClass]
public sealed class DropoutMaskTests
{
    private const int Length = 200_003;

    [TestMethod]
    [DataRow(0.1)]
    [DataRow(0.5)]
    [DataRow(0.9)]
    public void Drops_its_share_evenly_over_places_and_masks(double share)
    {
        float[] first = Mask(12345678901234567, share);
        float[] second = Mask(12345678901234568, share);
        double deviation = Math.Sqrt(share * (1 - share) / Length);
        Assert.AreEqual(share, Dropped(first, (value, _) => value == 0), 5 * deviation);
        // Neighbours in a mask, and the same place in masks of neighbouring keys, know nothing of one another.
        double both = share * share;
        double spread = 5 * Math.Sqrt(both * (1 - both) / Length);
        Assert.AreEqual(both, Dropped(first, (value, i) => value == 0 && first[(i + 1) % Length] == 0), spread);
        Assert.AreEqual(both, Dropped(first, (value, i) => value == 0 && first[(i + 256) % Length] == 0), spread);
        Assert.AreEqual(both, Dropped(first, (value, i) => value == 0 && second[i] == 0), spread);
        Assert.IsTrue(first.All(value => value is 0 or 3));
    }

    [TestMethod]
    public void The_same_key_gives_the_same_mask_whatever_its_length()
    {
        float[] whole = Mask(7, 0.3);
        var part = new float[13];
        DropoutMask.Fill(part, 7, 0.3, 3);
        CollectionAssert.AreEqual(whole[..13], part);
    }

    [TestMethod]
    public void Nothing_and_everything_can_be_dropped()
    {
        Assert.IsTrue(Mask(1, 0).All(value => value == 3));
        Assert.IsLessThan(1e-4, Mask(1, 1).Count(value => value != 0) / (double)Length);
    }

    private static float[] Mask(ulong key, double share)
    {
        var mask = new float[Length];
        DropoutMask.Fill(mask, key, share, 3);
        return mask;
    }

    private static double Dropped(float[] mask, Func<float, int, bool> counts) =>
        mask.Where(counts).Count() / (double)mask.Length;
}
