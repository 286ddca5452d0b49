using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Sequences;

/// <summary>
/// How many cases sequences have to train on, and how many of them the last windows take in: a case is an item behind its
/// sequence's first, to be told from those before it.
/// </summary>
/// <param name="Cases">The cases of all sequences.</param>
/// <param name="EarlierCases">Those of them that lie before the last window of their sequence.</param>
/// <param name="Windows">The windows that take in all cases.</param>
/// <param name="LastWindows">The last windows alone: one for each sequence of two items at least.</param>
internal readonly record struct WindowCoverage(long Cases, long EarlierCases, long Windows, long LastWindows)
{
    /// <summary>Counts.</summary>
    /// <param name="sequences">What there is to learn from.</param>
    /// <param name="window">The cases of a window at most: the items that a model looks at.</param>
    public static WindowCoverage Of(SequenceSet sequences, int window)
    {
        var all = default(WindowCoverage);
        for (int i = 0; i < sequences.Count; i++)
        {
            int cases = sequences[i].Length - 1;
            if (cases > 0)
            {
                all = new(
                    all.Cases + cases,
                    all.EarlierCases + Math.Max(0, cases - window),
                    all.Windows + ((cases - 1L) / window) + 1,
                    all.LastWindows + 1
                );
            }
        }
        return all;
    }

    /// <summary>Whether the option takes earlier windows in.</summary>
    public bool TakesEarlier(EarlierWindows option) =>
        option switch
        {
            EarlierWindows.On => true,
            EarlierWindows.Off => false,
            _ => 10 * EarlierCases > Cases,
        };
}
