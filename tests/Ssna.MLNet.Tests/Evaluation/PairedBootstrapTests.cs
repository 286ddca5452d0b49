using Microsoft.ML.Data;

namespace Ssna.MLNet.Tests.Evaluation;

[TestClass]
public sealed class PairedBootstrapTests
{
    [TestMethod]
    public void Two_users_are_drawn_as_two_coins_are_tossed()
    {
        double[] means = PairedBootstrap.Means(
            [
                [0, 1],
            ],
            resamples: 20_000,
            seed: 1
        )[0];
        // Both times the first, one of each, both times the second: a quarter, a half, a quarter.
        Assert.AreEqual(0.25, means.Count(mean => mean == 0) / 20_000.0, 0.01);
        Assert.AreEqual(0.5, means.Count(mean => mean == 0.5) / 20_000.0, 0.01);
        Assert.AreEqual(0.25, means.Count(mean => mean == 1) / 20_000.0, 0.01);
    }

    [TestMethod]
    public void The_interval_of_a_mean_is_that_of_the_central_limit()
    {
        const int users = 2_000;
        const int hits = 250;
        double[] hit = [.. Enumerable.Range(0, users).Select(user => user < hits ? 1.0 : 0)];
        (double low, double high) = PairedBootstrap.Interval(PairedBootstrap.Means([hit], 10_000, seed: 3)[0]);
        double mean = hits / (double)users;
        double error = 1.959964 * Math.Sqrt(mean * (1 - mean) / users);
        Assert.AreEqual(mean - error, low, error * 0.06);
        Assert.AreEqual(mean + error, high, error * 0.06);
    }

    [TestMethod]
    public void What_two_methods_share_cancels_in_their_difference()
    {
        var random = new Random(5);
        double[] users = [.. Enumerable.Range(0, 500).Select(_ => random.NextDouble())];
        double[] better = [.. users.Select(value => value + 0.25)];
        double[][] means = PairedBootstrap.Means([users, better], 1_000, seed: 1);
        (double low, double high) = PairedBootstrap.Interval(means[1].Zip(means[0], (b, a) => b - a));
        Assert.AreEqual(0.25, low, 1e-12);
        Assert.AreEqual(0.25, high, 1e-12);
        Assert.AreNotEqual(means[0][0], means[0][1], "the users themselves are drawn anew each time");
    }

    [TestMethod]
    public void Equal_seeds_draw_equally_and_others_do_not()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(value => (double)value)];
        double[] first = PairedBootstrap.Means([values], 500, seed: 7)[0];
        CollectionAssert.AreEqual(first, PairedBootstrap.Means([values], 500, seed: 7)[0]);
        CollectionAssert.AreNotEqual(first, PairedBootstrap.Means([values], 500, seed: 8)[0]);
    }

    [TestMethod]
    public void Quantiles_lie_between_the_values()
    {
        (double low, double high) = PairedBootstrap.Interval(Enumerable.Range(0, 101).Select(i => (double)i).Reverse());
        Assert.AreEqual(2.5, low, 1e-9);
        Assert.AreEqual(97.5, high, 1e-9);
    }

    [TestMethod]
    public void Columns_of_different_lengths_are_refused()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            PairedBootstrap.Means(
                [
                    [1, 2],
                    [1],
                ],
                100,
                1
            )
        );
        StringAssert.Contains(error.Message, "[2, 1]");
    }

    [TestMethod]
    public void What_cannot_be_drawn_or_cut_off_is_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => PairedBootstrap.Means([], 100, 1));
        Assert.ThrowsExactly<ArgumentException>(() =>
            PairedBootstrap.Means(
                [
                    [],
                ],
                100,
                1
            )
        );
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            PairedBootstrap.Means(
                [
                    [1.0],
                ],
                0,
                1
            )
        );
        Assert.ThrowsExactly<ArgumentException>(() => PairedBootstrap.Interval([]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PairedBootstrap.Interval([1], 1.5));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PairedBootstrap.Interval([1], double.NaN));
    }

    [TestMethod]
    public void Drawing_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            PairedBootstrap.Means(
                [
                    [1.0],
                ],
                10,
                1,
                cancellation.Token
            )
        );
    }
}
