using System.Numerics;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Scoring;

/// <summary>
/// Keeps the best k of the scores shown to it, without sorting the rest: a heap of the best so far, behind a vectorised
/// comparison with the worst of them. Of equal scores the lower index is better. NaN is never kept.
/// </summary>
/// <param name="capacity">The largest k.</param>
internal sealed class BestItems(int capacity)
{
    private readonly float[] _scores = new float[capacity];
    private readonly int[] _indexes = new int[capacity];
    private int _limit;

    /// <summary>How many are kept.</summary>
    public int Count { get; private set; }

    /// <summary>The kept items: best first after <see cref="Sort"/>.</summary>
    public ReadOnlySpan<int> Indexes => _indexes.AsSpan(0, Count);

    /// <summary>The scores of <see cref="Indexes"/>.</summary>
    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    /// <summary>Starts anew.</summary>
    /// <param name="k">How many to keep at most; more than the capacity counts as the capacity.</param>
    public void Clear(int k)
    {
        _limit = Math.Min(k, _scores.Length);
        Count = 0;
    }

    /// <summary>Shows the scores of the indexes from <paramref name="first"/> on; calls come in ascending order.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="first">The index of the first score.</param>
    /// <param name="excluded">Indexes never kept.</param>
    public void Offer<TExclusion>(ReadOnlySpan<float> scores, int first, TExclusion excluded)
        where TExclusion : IExclusion, allows ref struct
    {
        int i = 0;
        while (i < scores.Length && Count < _limit)
        {
            Insert(scores[i], first + i, excluded);
            i++;
        }
        if (_limit == 0)
        {
            return;
        }
        ReadOnlySpan<Vector<float>> blocks = MemoryMarshal.Cast<float, Vector<float>>(scores[i..]);
        for (int b = 0; b < blocks.Length; b++, i += Vector<float>.Count)
        {
            // An equal score cannot replace: its index is higher.
            if (Vector.GreaterThanAny(blocks[b], new Vector<float>(_scores[0])))
            {
                Replace(scores.Slice(i, Vector<float>.Count), first + i, excluded);
            }
        }
        Replace(scores[i..], first + i, excluded);
    }

    /// <summary>Shows the scores of the given indexes, which ascend over all calls.</summary>
    public void Offer<TExclusion>(ReadOnlySpan<float> scores, ReadOnlySpan<int> indexes, TExclusion excluded)
        where TExclusion : IExclusion, allows ref struct
    {
        for (int i = 0; i < scores.Length; i++)
        {
            if (Count < _limit)
            {
                Insert(scores[i], indexes[i], excluded);
            }
            else
            {
                Replace(scores.Slice(i, 1), indexes[i], excluded);
            }
        }
    }

    /// <summary>Puts the best first; the next use starts with <see cref="Clear"/>.</summary>
    public void Sort()
    {
        // Heap sort: the worst of what is left goes to the end.
        for (int end = Count - 1; end > 0; end--)
        {
            (_scores[0], _scores[end]) = (_scores[end], _scores[0]);
            (_indexes[0], _indexes[end]) = (_indexes[end], _indexes[0]);
            SiftDown(0, end);
        }
    }

    private void Insert<TExclusion>(float score, int index, TExclusion excluded)
        where TExclusion : IExclusion, allows ref struct
    {
        if (float.IsNaN(score) || excluded.Contains(index))
        {
            return;
        }
        int at = Count++;
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (!IsWorse(score, index, _scores[parent], _indexes[parent]))
            {
                break;
            }
            (_scores[at], _indexes[at]) = (_scores[parent], _indexes[parent]);
            at = parent;
        }
        (_scores[at], _indexes[at]) = (score, index);
    }

    private void Replace<TExclusion>(ReadOnlySpan<float> scores, int first, TExclusion excluded)
        where TExclusion : IExclusion, allows ref struct
    {
        for (int i = 0; i < scores.Length && Count > 0; i++)
        {
            if (scores[i] > _scores[0] && !excluded.Contains(first + i))
            {
                (_scores[0], _indexes[0]) = (scores[i], first + i);
                SiftDown(0, Count);
            }
        }
    }

    private void SiftDown(int at, int end)
    {
        (float score, int index) = (_scores[at], _indexes[at]);
        while (true)
        {
            int child = 2 * at + 1;
            if (child >= end)
            {
                break;
            }
            if (child + 1 < end && IsWorse(_scores[child + 1], _indexes[child + 1], _scores[child], _indexes[child]))
            {
                child++;
            }
            if (!IsWorse(_scores[child], _indexes[child], score, index))
            {
                break;
            }
            (_scores[at], _indexes[at]) = (_scores[child], _indexes[child]);
            at = child;
        }
        (_scores[at], _indexes[at]) = (score, index);
    }

    private static bool IsWorse(float score, int index, float otherScore, int otherIndex) =>
        score < otherScore || (score == otherScore && index > otherIndex);
}
