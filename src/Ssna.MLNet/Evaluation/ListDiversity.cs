namespace Ssna.MLNet.Evaluation;

/// <summary>The embeddings of items by their places in a column of scores, in any scale: a row an item.</summary>
internal delegate float[][] EmbeddingsOfItems(int[] items);

/// <summary>
/// How unlike the items of top lists are: the mean over all pairs of a list of 1 - the cosine of their embeddings, for lists cut
/// off at several lengths. Lists come one by one; embeddings are asked for those of a block of lists at a time.
/// </summary>
/// <param name="embeddings">The embeddings.</param>
/// <param name="cutoffs">The lengths, ascending.</param>
internal sealed class ListDiversity(EmbeddingsOfItems embeddings, int[] cutoffs)
{
    private const int Block = 64; // lists: enough to ask seldom, and megabytes at most

    private readonly Moments[] _moments = new Moments[cutoffs.Length];
    private readonly List<int> _items = [];
    private readonly List<int> _ends = []; // where each list of the block ends

    /// <summary>Counts a row's list, best item first.</summary>
    public void Add(ReadOnlySpan<int> items)
    {
        _items.AddRange(items);
        _ends.Add(_items.Count);
        if (_ends.Count == Block)
        {
            Flush();
        }
    }

    /// <summary>For each length, the mean over the lists so far that have two items at least.</summary>
    public Dictionary<int, Estimate> Estimates()
    {
        Flush();
        return cutoffs.Index().ToDictionary(cutoff => cutoff.Item, cutoff => _moments[cutoff.Index].Mean);
    }

    private void Flush()
    {
        float[][] rows = _items.Count > 0 ? embeddings([.. _items]) : []; // a copy of all items would be as large as the catalogue
        int start = 0;
        foreach (int end in _ends)
        {
            AddList(rows.AsSpan(start..end));
            start = end;
        }
        _items.Clear();
        _ends.Clear();
    }

    // The sum over pairs of u . v is half of |the sum|^2 less the sum of |u|^2: a pass over a list serves all lengths.
    private void AddList(ReadOnlySpan<float[]> list)
    {
        double[] sum = list.IsEmpty ? [] : new double[list[0].Length]; // (d)
        double squares = 0;
        int count = 0;
        for (int c = 0; c < cutoffs.Length; c++)
        {
            for (; count < Math.Min(cutoffs[c], list.Length); count++)
            {
                squares += AddUnit(list[count], sum);
            }
            if (count < 2)
            {
                continue;
            }
            double cosines = (SquaredLength(sum) - squares) / 2;
            _moments[c].Add(1 - (cosines / (count * (count - 1.0) / 2)));
        }
    }

    /// <summary>Adds the vector of length 1; 0 where it has no direction. Returns the square of what was added.</summary>
    private static double AddUnit(float[] vector, double[] sum)
    {
        double length = 0;
        foreach (float value in vector)
        {
            length += (double)value * value;
        }
        if (length == 0)
        {
            return 0;
        }
        double scale = 1 / Math.Sqrt(length);
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] += scale * vector[i];
        }
        return 1;
    }

    private static double SquaredLength(double[] vector)
    {
        double sum = 0;
        foreach (double value in vector)
        {
            sum += value * value;
        }
        return sum;
    }
}
