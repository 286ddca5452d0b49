using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Evaluation;

/// <summary>What stands in the rows' top lists, for lists of several lengths: which items of the catalogue, and how unlike.</summary>
/// <param name="catalogueSize">The number of items.</param>
/// <param name="cutoffs">The lengths, ascending.</param>
/// <param name="embeddings">Tells how alike items are; null where that is not asked for.</param>
internal sealed class TopLists(int catalogueSize, int[] cutoffs, EmbeddingsOfItems? embeddings = null)
{
    private readonly int[] _bestPosition = Filled(catalogueSize, int.MaxValue); // the best place of each item, from 0
    private readonly int[] _bestRow = Filled(catalogueSize, -1); // the row that has it there
    private readonly int[] _nextPosition = Filled(catalogueSize, int.MaxValue); // its best place in any other row
    private readonly BestItems _best = new(cutoffs[^1]);
    private readonly ListDiversity? _diversity = embeddings is null ? null : new(embeddings, cutoffs);
    private int _rows;

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
            int item = _best.Indexes[position];
            if (position < _bestPosition[item])
            {
                _nextPosition[item] = _bestPosition[item];
                (_bestPosition[item], _bestRow[item]) = (position, _rows);
            }
            else
            {
                _nextPosition[item] = Math.Min(_nextPosition[item], position);
            }
        }
        _diversity?.Add(_best.Indexes);
        _rows++;
    }

    /// <summary>For each length, the share of the catalogue that stands in some list.</summary>
    public Dictionary<int, Estimate> Coverages() => cutoffs.ToDictionary(cutoff => cutoff, Coverage);

    /// <summary>For each length, how unlike the items of a list are; null where that was not asked for.</summary>
    public Dictionary<int, Estimate>? Diversities() => _diversity?.Estimates();

    // Tukey's jackknife: without a row, the items that no other row has are covered no more.
    private Estimate Coverage(int cutoff)
    {
        int covered = 0;
        int alone = 0;
        int[] aloneInRow = new int[_rows];
        for (int item = 0; item < catalogueSize; item++)
        {
            if (_bestPosition[item] < cutoff)
            {
                covered++;
                if (_nextPosition[item] >= cutoff)
                {
                    alone++;
                    aloneInRow[_bestRow[item]]++;
                }
            }
        }
        double squares = aloneInRow.Sum(items => (double)items * items) - ((double)alone * alone / _rows);
        return new(
            covered / (double)catalogueSize,
            _rows < 2 ? double.NaN : Math.Sqrt(squares * (_rows - 1) / _rows) / catalogueSize
        );
    }

    private static int[] Filled(int length, int value)
    {
        var array = new int[length];
        Array.Fill(array, value);
        return array;
    }
}
