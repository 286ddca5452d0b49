using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>
/// A block of users (or items) to find the best candidates for. Scores are held for as many rows or as many candidates at a
/// time as fit a buffer, so that neither a large block nor a large catalogue costs much memory. One thread at a time, which
/// has others help to select.
/// </summary>
internal sealed class RankedBlock : IDisposable
{
    /// <summary>Scores held at a time: 16 MB, small beside a model and large enough for full-speed products.</summary>
    private const int BufferedScores = 1 << 22;

    /// <summary>
    /// Rows whose scores are held together however many candidates there are: with fewer, reading the candidates would take
    /// longer than multiplying them. Beside embeddings of the default width they take an eighth of the memory.
    /// </summary>
    private const int LeastRows = 32;

    private readonly Candidates _candidates;
    private readonly UserEmbeddings _queries;
    private readonly int _k;
    private readonly Func<int, int[]> _excluded;
    private readonly RepeatScores? _repeats;
    private readonly int _rowsAtOnce;

    private BestItems[]? _best;
    private Tensor? _scores; // (r, C), in the host's memory
    private int _firstQuery;

    /// <param name="candidates">What is scored; stays the caller's.</param>
    /// <param name="queries">What each row is known by; owned.</param>
    /// <param name="k">How many of the best are wanted.</param>
    /// <param name="excluded">The catalogue indexes, ascending, that are none of a row's best.</param>
    /// <param name="repeats">What is added to the cosines of the embeddings' rows; null for nothing.</param>
    public RankedBlock(
        Candidates candidates,
        UserEmbeddings queries,
        int k,
        Func<int, int[]> excluded,
        RepeatScores? repeats = null
    )
    {
        _candidates = candidates;
        _queries = queries;
        _k = Math.Min(k, candidates.Count);
        _excluded = excluded;
        _repeats = repeats;
        _rowsAtOnce = Math.Max(LeastRows, BufferedScores / Math.Max(1, candidates.Count));
    }

    /// <summary>The best items for users.</summary>
    /// <param name="catalogue">The catalogue.</param>
    /// <param name="candidates">What of it to choose from; stays the caller's.</param>
    /// <param name="users">Their embeddings; taken over.</param>
    /// <param name="histories">What they took, oldest first; items of other parts of a catalogue have indexes beyond this one's.</param>
    /// <param name="k">How many.</param>
    /// <param name="excluded">The catalogue indexes, ascending, that are none of a user's best.</param>
    public static RankedBlock Of(
        Catalogue catalogue,
        Candidates candidates,
        UserEmbeddings users,
        SequenceSet histories,
        int k,
        Func<int, int[]> excluded
    ) => new(candidates, users, k, excluded, catalogue.Repeats?.Of(UserEmbeddings.Known(histories)));

    /// <summary>The candidates whose embeddings are nearest to those of items, each of which is none of its own.</summary>
    /// <param name="items">The embedding of every item of the catalogue.</param>
    /// <param name="candidates">What of it to choose from; stays the caller's.</param>
    /// <param name="to">The items' catalogue indexes, a row each.</param>
    /// <param name="k">How many.</param>
    public static RankedBlock Similar(ItemVectors items, Candidates candidates, int[] to, int k)
    {
        using ItemVectors chosen = items.Select(to);
        return new(
            candidates,
            new UserEmbeddings(
                chosen.Directions(0, to.Length).DetachFromDisposeScope(), // (Q, d)
                [.. Enumerable.Range(0, to.Length)]
            ),
            k,
            row => [to[row]]
        );
    }

    /// <summary>The score of every candidate for a row; good until another row's are asked for.</summary>
    public ReadOnlySpan<float> Scores(int row)
    {
        int query = _queries.RowOf(row);
        if (query < 0)
        {
            return _candidates.Popularity;
        }
        if (_scores is null || query < _firstQuery || query >= _firstQuery + _scores.shape[0])
        {
            // Pieces start at multiples of their size, so that a row's scores do not depend on which was asked for first.
            Hold(query / _rowsAtOnce * _rowsAtOnce);
        }
        return new FloatRows(_scores!)[query - _firstQuery];
    }

    /// <summary>The best of a row, best first; those of all rows are found together when the first is asked for.</summary>
    public BestItems Best(int row) => (_best ??= Rank())[row];

    public void Dispose()
    {
        _queries.Dispose();
        _scores?.Dispose();
    }

    private BestItems[] Rank()
    {
        var rows = new Row[_queries.Count];
        for (int row = 0; row < rows.Length; row++)
        {
            rows[row] = new Row(new BestItems(_k), _excluded(row));
            rows[row].Best.Clear(_k);
        }
        if (_k == 0)
        {
            // Nothing is wanted, so nothing is computed.
        }
        else if (_queries.KnownCount > 0 && _candidates.Items.Device.type != DeviceType.CPU)
        {
            RankOnDevice(rows);
        }
        else if (_queries.KnownCount <= _rowsAtOnce)
        {
            // One product is enough, and gives Scores what it needs as well.
            if (_scores is null && _queries.KnownCount > 0)
            {
                Hold(0);
            }
            Offer(rows, _scores, 0, _candidates.Count);
        }
        else
        {
            int tile = Math.Max(1, Math.Min(ItemVectors.Tile, BufferedScores / _queries.KnownCount));
            for (int first = 0; first < _candidates.Count; first += tile)
            {
                int count = Math.Min(tile, _candidates.Count - first);
                using Tensor scores = Product(0, _queries.KnownCount, first, count); // (Q, n)
                Offer(rows, scores, first, count);
            }
        }
        return Array.ConvertAll(
            rows,
            row =>
            {
                row.Best.Sort();
                return row.Best;
            }
        );
    }

    // The best of each tile come to the host, and not all scores.
    private void RankOnDevice(Row[] rows)
    {
        int tile = Math.Max(1, Math.Min(ItemVectors.Tile, BufferedScores / _queries.KnownCount));
        int[] rowOf = new int[_queries.KnownCount];
        for (int row = 0; row < rows.Length; row++)
        {
            if (_queries.RowOf(row) is >= 0 and int query)
            {
                rowOf[query] = row;
            }
            else
            {
                rows[row].Offer(_candidates, _candidates.Popularity, 0);
            }
        }
        for (int first = 0; first < _candidates.Count; first += tile)
        {
            int count = Math.Min(tile, _candidates.Count - first);
            using Tensor scores = _candidates.Items.Cosines(_queries.Rows(0, rowOf.Length), first, count); // (Q, n)
            _repeats?.AddTo(scores, 0, first, _candidates.Indexes);
            (float[] best, int[] columns) = DeviceSelection.Best(
                scores,
                _k,
                query => _candidates.Columns(rows[rowOf[query]].Excluded, first, count)
            );
            int kept = columns.Length / rowOf.Length;
            for (int query = 0; query < rowOf.Length; query++)
            {
                rows[rowOf[query]]
                    .Best.Offer(
                        best.AsSpan(query * kept, kept),
                        _candidates.At(columns.AsSpan(query * kept, kept), first),
                        new Listed()
                    );
            }
        }
    }

    /// <summary>Shows every row its scores of the candidates from one on.</summary>
    private void Offer(Row[] rows, Tensor? scores, int first, int count)
    {
        FloatRows known = scores is null ? default : new FloatRows(scores);
        void OfferRow(int row)
        {
            int query = _queries.RowOf(row);
            rows[row].Offer(_candidates, query < 0 ? _candidates.Popularity.AsSpan(first, count) : known[query], first);
        }
        TensorRows.ForEach(rows.Length, count, OfferRow);
    }

    /// <summary>Computes all scores of the queries from one on, as many as fit.</summary>
    private void Hold(int firstQuery)
    {
        _scores?.Dispose();
        _firstQuery = firstQuery;
        _scores = Product(firstQuery, Math.Min(_rowsAtOnce, _queries.KnownCount - firstQuery), 0, _candidates.Count); // (r, C)
    }

    private Tensor Product(int firstQuery, int queries, int first, int count)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor scores = _candidates.Items.Cosines(_queries.Rows(firstQuery, queries), first, count); // (r, n)
        _repeats?.AddTo(scores, firstQuery, first, _candidates.Indexes);
        return DeviceMemory.Read(scores).DetachFromDisposeScope(); // (r, n)
    }

    private readonly record struct Row(BestItems Best, int[] Excluded)
    {
        /// <summary>Shows it its scores of the candidates from one on.</summary>
        public void Offer(Candidates candidates, ReadOnlySpan<float> scores, int first)
        {
            if (candidates.Indexes is { } indexes)
            {
                Best.Offer(scores, indexes.AsSpan(first, scores.Length), new Listed(Excluded));
            }
            else
            {
                Best.Offer(scores, first, new Listed(Excluded));
            }
        }
    }
}
