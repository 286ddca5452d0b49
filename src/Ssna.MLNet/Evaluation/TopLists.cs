using System.Numerics;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Evaluation;

/// <summary>Which items of the catalogue stand in at least one row's top list, for lists of several lengths.</summary>
/// <param name="catalogueSize">The number of items.</param>
/// <param name="cutoffs">The lengths, ascending.</param>
internal sealed class TopLists(int catalogueSize, int[] cutoffs)
{
    private readonly int[] bestPosition = Filled(catalogueSize, int.MaxValue); // the best place of each item, from 0
    private readonly PriorityQueue<int, (float Score, int Index)> top = new(Comparer<(float, int)>.Create(WorstFirst));

    /// <summary>
    /// Counts the best items of a row, of equal scores the one with the lower index, without those whose
    /// <paramref name="marks"/> equal <paramref name="excluded"/>.
    /// </summary>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<int> marks, int excluded)
    {
        int length = cutoffs[^1];
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        int width = Vector<float>.Count;
        float bar = float.NegativeInfinity;
        for (int block = 0; block <= vectors.Length; block++)
        {
            int start = block * width;
            if (block < vectors.Length && top.Count == length && !Vector.GreaterThanAny(vectors[block], new(bar)))
            {
                continue;
            }
            int end = block < vectors.Length ? start + width : scores.Length;
            for (int i = start; i < end; i++)
            {
                if (!marks.IsEmpty && marks[i] == excluded)
                {
                    continue;
                }
                if (top.Count < length)
                {
                    top.Enqueue(i, (scores[i], i));
                }
                else if (scores[i] > bar)
                {
                    top.EnqueueDequeue(i, (scores[i], i));
                }
                else
                {
                    continue;
                }
                if (top.Count == length && top.TryPeek(out _, out (float Score, int Index) worst))
                {
                    bar = worst.Score;
                }
            }
        }
        while (top.TryDequeue(out int item, out _))
        {
            bestPosition[item] = Math.Min(bestPosition[item], top.Count);
        }
    }

    /// <summary>Adds the lists that another one counted.</summary>
    public void Merge(TopLists other)
    {
        for (int i = 0; i < bestPosition.Length; i++)
        {
            bestPosition[i] = Math.Min(bestPosition[i], other.bestPosition[i]);
        }
    }

    /// <summary>For each length, the share of the catalogue that stands in some list.</summary>
    public Dictionary<int, double> Coverages() =>
        cutoffs.ToDictionary(
            cutoff => cutoff,
            cutoff => bestPosition.Count(position => position < cutoff) / (double)catalogueSize
        );

    private static int WorstFirst((float Score, int Index) a, (float Score, int Index) b)
    {
        int order = a.Score.CompareTo(b.Score);
        return order != 0 ? order : b.Index.CompareTo(a.Index);
    }

    private static int[] Filled(int length, int value)
    {
        var array = new int[length];
        Array.Fill(array, value);
        return array;
    }
}
