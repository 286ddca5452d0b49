using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>
/// A block of users (or items) to find the best candidates for. Scores are products of as many rows at a time as fit a
/// buffer of bounded size, so that neither a large block nor a large catalogue costs memory; reading rows in order computes
/// each once. One thread at a time.
/// </summary>
internal sealed class RankedBlock : IDisposable
{
    /// <summary>Scores held at a time: 16 MB, small beside a model and large enough for full-speed products.</summary>
    private const int BufferedScores = 1 << 22;

    private readonly Candidates _candidates;
    private readonly Tensor? _queries; // (Q, d)
    private readonly int[] _queryOf;
    private readonly int _k;
    private readonly Func<int, int[]> _excluded;
    private readonly BestItems _best;
    private readonly int _rowsAtOnce;

    private Tensor? _scores; // (r, C)
    private int _firstQuery;
    private int _ranked = -1;

    /// <param name="candidates">What is scored; not owned.</param>
    /// <param name="queries">Embeddings, normalised: (Q, d), or null where no row has one; owned.</param>
    /// <param name="queryOf">The row of <paramref name="queries"/> of each row, ascending, or -1 where nothing is known of it.</param>
    /// <param name="k">How many of the best are wanted.</param>
    /// <param name="excluded">The catalogue indexes, ascending, that are none of a row's best.</param>
    public RankedBlock(Candidates candidates, Tensor? queries, int[] queryOf, int k, Func<int, int[]> excluded)
    {
        _candidates = candidates;
        _queries = queries;
        _queryOf = queryOf;
        _k = Math.Min(k, candidates.Count);
        _excluded = excluded;
        _best = new BestItems(_k);
        _rowsAtOnce = Math.Max(1, BufferedScores / Math.Max(1, candidates.Count));
    }

    /// <summary>The score of every candidate for a row.</summary>
    public ReadOnlySpan<float> Scores(int row)
    {
        int query = _queryOf[row];
        if (query < 0)
        {
            return _candidates.Popularity;
        }
        if (_scores is null || query < _firstQuery || query >= _firstQuery + _scores.shape[0])
        {
            Multiply(query);
        }
        ReadOnlySpan<float> all = MemoryMarshal.Cast<byte, float>(_scores!.bytes);
        return all.Slice((query - _firstQuery) * _candidates.Count, _candidates.Count);
    }

    /// <summary>The best of a row, best first; good until another row is asked for.</summary>
    public BestItems Best(int row)
    {
        if (_ranked != row)
        {
            _best.Clear(_k);
            var excluded = new Listed(_excluded(row));
            if (_candidates.Indexes is { } indexes)
            {
                _best.Offer(Scores(row), indexes, excluded);
            }
            else
            {
                _best.Offer(Scores(row), 0, excluded);
            }
            _best.Sort();
            _ranked = row;
        }
        return _best;
    }

    public void Dispose()
    {
        _queries?.Dispose();
        _scores?.Dispose();
    }

    private void Multiply(int query)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        _scores?.Dispose();
        // Products start at multiples of the buffer's rows, so that a row's scores do not depend on which was asked for first.
        _firstQuery = query / _rowsAtOnce * _rowsAtOnce;
        int rows = (int)Math.Min(_rowsAtOnce, _queries!.shape[0] - _firstQuery);
        _scores = _queries
            .narrow(0, _firstQuery, rows) // (r, d)
            .matmul(_candidates.Embeddings.t()) // (r, C)
            .cpu()
            .DetachFromDisposeScope();
    }
}
