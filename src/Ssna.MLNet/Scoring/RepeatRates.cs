using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Scoring;

/// <summary>How often items are taken again, as training sequences tell it.</summary>
/// <param name="Items">
/// Each item's log odds that one of its interactions repeats an earlier one of the same user, less the mean's: (I). The
/// fewer the interactions, the nearer to the mean, which is 0.
/// </param>
/// <param name="UserShare">The share of positions behind a sequence's first that repeat an earlier one.</param>
internal sealed record RepeatRates(float[] Items, float UserShare)
{
    /// <summary>Interactions of the mean that an item's own are joined by.</summary>
    private const double ItemPrior = 10;

    /// <summary>Positions of the mean that a user's own are joined by.</summary>
    private const double UserPrior = 2;

    /// <summary>Counts what sequences repeat.</summary>
    /// <param name="sequences">Sequences of catalogue indexes.</param>
    /// <param name="itemCount">The items of the catalogue.</param>
    public static RepeatRates Of(SequenceSet sequences, int itemCount)
    {
        var taken = new long[itemCount];
        var again = new long[itemCount];
        var lastSequence = new int[itemCount]; // from 1
        long positions = 0;
        for (int i = 0; i < sequences.Count; i++)
        {
            ReadOnlySpan<int> sequence = sequences[i];
            positions += Math.Max(0, sequence.Length - 1);
            foreach (int item in sequence)
            {
                taken[item]++;
                again[item] += lastSequence[item] == i + 1 ? 1 : 0;
                lastSequence[item] = i + 1;
            }
        }
        long repeats = again.Sum();
        double mean = Mean(repeats, taken.Sum());
        return new(
            [.. taken.Zip(again, (all, repeated) => LogOdds(repeated, all, mean, ItemPrior))],
            (float)Mean(repeats, positions)
        );
    }

    /// <summary>A user's log odds of taking something again, less the mean's: 0 for one of whom nothing is known.</summary>
    /// <param name="repeats">Positions of the history that repeat an earlier one.</param>
    /// <param name="positions">Positions behind the first.</param>
    public float User(int repeats, int positions) => LogOdds(repeats, positions, UserShare, UserPrior);

    /// <summary>The positions of the mean that a user's own are joined by: those that repeat an earlier one, and the others.</summary>
    public (float Again, float Other) UserPriors =>
        ((float)(UserPrior * UserShare), (float)(UserPrior * (1 - UserShare)));

    /// <summary>The same of a larger catalogue, whose new items have the mean.</summary>
    public RepeatRates With(int count)
    {
        float[] items = Items;
        Array.Resize(ref items, count);
        return this with { Items = items };
    }

    /// <summary>The same of some of the catalogue.</summary>
    public RepeatRates Select(int[] indexes) => this with { Items = Array.ConvertAll(indexes, index => Items[index]) };

    // Never 0 or 1, of which there are no log odds.
    private static double Mean(long repeats, long all) => (repeats + 0.5) / (all + 1.0);

    private static float LogOdds(long repeats, long all, double mean, double prior)
    {
        double share = (repeats + (prior * mean)) / (all + prior);
        return (float)(Math.Log(share / (1 - share)) - Math.Log(mean / (1 - mean)));
    }
}
