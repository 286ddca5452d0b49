using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Tests.Scoring;

[TestClass]
public sealed class RepeatRatesTests
{
    // Item 0 is taken again by two of three, item 1 never, item 2 nowhere.
    private static readonly SequenceSet s_sequences = new([0, 1, 0, 0, 0, 1, 1, 3, 0], [0, 3, 6, 9]);

    [TestMethod]
    public void Rates_are_smoothed_shares_as_log_odds_from_the_mean()
    {
        RepeatRates rates = RepeatRates.Of(s_sequences, 5);
        // Two repeats among nine interactions; the other shares are told apart by hand.
        double mean = 2.5 / 10;
        double[] expected =
        [
            .. new[] { (2, 5), (0, 3), (0, 0), (0, 1), (0, 0) }.Select(item => Odds(item.Item1, item.Item2)),
        ];
        for (int item = 0; item < 5; item++)
        {
            Assert.AreEqual(expected[item], rates.Items[item], 1e-6, $"item {item}");
        }
        Assert.AreEqual(2.5 / 7, rates.UserShare, 1e-6); // of six positions behind a first one

        double Odds(int repeats, int taken)
        {
            double share = (repeats + (10 * mean)) / (taken + 10);
            return Math.Log(share / (1 - share)) - Math.Log(mean / (1 - mean));
        }
    }

    [TestMethod]
    public void Nothing_known_is_the_mean_of_items_and_of_users()
    {
        RepeatRates rates = RepeatRates.Of(s_sequences, 5);
        Assert.AreEqual(0, rates.Items[2], 1e-6);
        Assert.AreEqual(0, rates.User(0, 0), 1e-6);
        Assert.IsGreaterThan(0, rates.User(3, 3));
        Assert.IsLessThan(0, rates.User(0, 3));
        Assert.IsLessThan(rates.User(0, 3), rates.User(0, 30), "more positions say more");
    }

    [TestMethod]
    public void Where_nothing_is_ever_repeated_rates_are_numbers()
    {
        RepeatRates rates = RepeatRates.Of(new([0, 1, 2, 3], [0, 2, 4]), 4);
        Assert.IsTrue(rates.Items.All(float.IsFinite));
        Assert.IsTrue(float.IsFinite(rates.User(5, 5)) && float.IsFinite(rates.User(0, 1000)));
    }

    [TestMethod]
    public void Catalogues_grow_with_the_mean_and_shrink_to_what_stays()
    {
        RepeatRates rates = RepeatRates.Of(s_sequences, 5);
        RepeatRates larger = rates.With(7);
        CollectionAssert.AreEqual(rates.Items, larger.Items[..5]);
        CollectionAssert.AreEqual(new float[2], larger.Items[5..]);
        CollectionAssert.AreEqual(new[] { rates.Items[4], rates.Items[0] }, rates.Select([4, 0]).Items);
    }
}
