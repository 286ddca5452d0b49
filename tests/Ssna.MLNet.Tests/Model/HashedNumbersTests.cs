using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

[TestClass]
public sealed class HashedNumbersTests
{
    private const int Length = 200_003;

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void What_other_devices_compute_is_what_a_CPU_does_bit_for_bit()
    {
        // The tensors' way runs on a CPU too; 2^32 places are walked round the end.
        foreach (ulong key in new ulong[] { 1, 12345678901234567, 0xfedcba98_ffffff00 })
        {
            using var scope = NewDisposeScope();
            Tensor hash = HashedNumbers.Hash([Length], CPU, key);
            Tensor mask = hash.ge(tensor(1L << 31)).to(ScalarType.Float32);
            CollectionAssert.AreEqual(
                HashedNumbers.Mask([Length], CPU, key, 0.5, 1).data<float>().ToArray(),
                mask.data<float>().ToArray()
            );
            Tensor uniform = hash.bitwise_right_shift(tensor(8L)).to(ScalarType.Float32).add(0.5f).mul(1f / (1 << 24));
            CollectionAssert.AreEqual(
                HashedNumbers.Uniform([Length], CPU, key).data<float>().ToArray(),
                uniform.data<float>().ToArray()
            );
        }
    }

    [TestMethod]
    public void Rows_of_something_larger_are_its_own_on_every_device()
    {
        using var scope = NewDisposeScope();
        (long count, long width) = (50, 7);
        Tensor whole = HashedNumbers.Normal([count, width], CPU, 5); // (N, D)
        Tensor hash = HashedNumbers.Hash([count, width], CPU, 5); // (N, D)
        foreach (
            long[] rows in (long[][])
                [
                    [0],
                    [49],
                    [3, 4, 5, 6],
                    [1, 3, 5, 47],
                    [0, 1, 20, 21, 22, 49],
                ]
        )
        {
            Tensor chosen = tensor(rows); // (n)
            CollectionAssert.AreEqual(
                whole.index_select(0, chosen).data<float>().ToArray(),
                HashedNumbers.Normal([rows.Length, width], CPU, 5, rows).data<float>().ToArray()
            );
            CollectionAssert.AreEqual(
                hash.index_select(0, chosen).data<long>().ToArray(),
                HashedNumbers.Hash([rows.Length, width], CPU, 5, rows).data<long>().ToArray()
            );
        }
    }

    [TestMethod]
    public void Normal_numbers_have_the_moments_and_tails_of_normal_ones()
    {
        using var scope = NewDisposeScope();
        Tensor x = HashedNumbers.Normal([Length], CPU, 99).to(ScalarType.Float64); // (N)
        double deviation = 1 / Math.Sqrt(Length);
        Assert.AreEqual(0, x.mean().item<double>(), 5 * deviation);
        Assert.AreEqual(1, x.pow(2).mean().item<double>(), 5 * Math.Sqrt(2) * deviation);
        Assert.AreEqual(0, x.pow(3).mean().item<double>(), 5 * Math.Sqrt(15) * deviation);
        Assert.AreEqual(3, x.pow(4).mean().item<double>(), 5 * Math.Sqrt(96) * deviation);
        double beyondTwo = x.abs().gt(2.0).to(ScalarType.Float64).mean().item<double>();
        Assert.AreEqual(0.0455, beyondTwo, 5 * Math.Sqrt(0.0455 / Length));
        Tensor other = HashedNumbers.Normal([Length], CPU, 100).to(ScalarType.Float64); // (N)
        Assert.AreEqual(0, (x * other).mean().item<double>(), 5 * deviation);
        Assert.AreEqual(0, (x * x.roll(1)).mean().item<double>(), 5 * deviation);
    }

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
        using Tensor part = HashedNumbers.Mask([13], CPU, 7, 0.3, 3);
        CollectionAssert.AreEqual(whole[..13], part.data<float>().ToArray());
    }

    [TestMethod]
    public void Nothing_and_everything_can_be_dropped()
    {
        Assert.IsTrue(Mask(1, 0).All(value => value == 3));
        Assert.IsLessThan(1e-4, Mask(1, 1).Count(value => value != 0) / (double)Length);
    }

    [TestMethod]
    public void Dropout_of_rounded_numbers_draws_what_that_of_exact_ones_does()
    {
        using var scope = NewDisposeScope();
        Tensor exact = ones(1000, ScalarType.Float32);
        Tensor kept = new TrainingNoise(seed: 5).Keep(exact, 0.3f);
        foreach (ScalarType type in new[] { ScalarType.BFloat16, ScalarType.Float16 })
        {
            Tensor ofRounded = new TrainingNoise(seed: 5).Keep(exact.to(type), 0.3f);
            Assert.AreEqual(ScalarType.Float32, ofRounded.dtype, "the share is exact, and 1 / (1 - share) too");
            CollectionAssert.AreEqual(kept.data<float>().ToArray(), ofRounded.data<float>().ToArray());
        }
    }

    private static float[] Mask(ulong key, double share)
    {
        using Tensor mask = HashedNumbers.Mask([Length], CPU, key, share, 3);
        return mask.data<float>().ToArray();
    }

    private static double Dropped(float[] mask, Func<float, int, bool> counts) =>
        mask.Where(counts).Count() / (double)mask.Length;
}
