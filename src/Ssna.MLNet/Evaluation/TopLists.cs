using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Evaluation;

/// <summary>Which items of the catalogue stand in at least one row's top list, for lists of several lengths.</summary>
/// <param name="catalogueSize">The number of items.</param>
/// <param name="cutoffs">The lengths, ascending.</param>
internal sealed class TopLists(int catalogueSize, int[] cutoffs)
{
    private readonly int[] _bestPosition = Filled(catalogueSize, int.MaxValue); // the best place of each item, from 0
    private readonly BestItems _best = new(cutoffs[^1]);

    /// <summary>
    /// Counts the best items of a row, of equal scores the one with the lower index, without those whose
    /// <paramref name="marks"/> equal <paramref name="excluded"/>.
    /// </summary>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<int> marks, int excluded)
    {
        _best.Clear(cutoffs[^1]);
        _best.Offer(scores, 0, new Marked(marks, excluded));
        _best.Sort();
        for (int position = 0; position < _best.Count; position++)
        {
            ref int known = ref _bestPosition[_best.Indexes[position]];
            known = Math.Min(known, position);
        }
    }

    /// <summary>For each length, the share of the catalogue that stands in some list.</summary>
    public Dictionary<int, double> Coverages() =>
        cutoffs.ToDictionary(
            cutoff => cutoff,
            cutoff => _bestPosition.Count(position => position < cutoff) / (double)catalogueSize
        );

    private static int[] Filled(int length, int value)
    {
        var array = new int[length];
        Array.Fill(array, value);
        return array;
    }
}
