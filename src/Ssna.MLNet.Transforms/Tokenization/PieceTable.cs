namespace Ssna.MLNet.Tokenization;

/// <summary>Pieces in the order of their code units, so that those which a text starts with are found unit by unit.</summary>
/// <remarks>Sorted texts instead of a tree: a vocabulary of a quarter of a million pieces takes no more than itself.</remarks>
internal sealed class PieceTable
{
    private readonly string[] _pieces;
    private readonly int[] _ids;
    private readonly Dictionary<char, (int Start, int End)> _byFirst = [];

    public PieceTable(IReadOnlyDictionary<string, int> vocabulary)
    {
        _pieces = [.. vocabulary.Keys.Where(piece => piece.Length > 0)];
        Array.Sort(_pieces, StringComparer.Ordinal);
        _ids = [.. _pieces.Select(piece => vocabulary[piece])];
        for (int start = 0, end; start < _pieces.Length; start = end)
        {
            char first = _pieces[start][0];
            for (end = start + 1; end < _pieces.Length && _pieces[end][0] == first; end++) { }
            _byFirst[first] = (start, end);
        }
    }

    /// <summary>The id of a piece, or null.</summary>
    public int? IdOf(ReadOnlySpan<char> piece)
    {
        (int start, int end) = (0, _pieces.Length);
        while (start < end)
        {
            int middle = (start + end) / 2;
            int order = piece.SequenceCompareTo(_pieces[middle]);
            if (order == 0)
            {
                return _ids[middle];
            }
            (start, end) = order < 0 ? (start, middle) : (middle + 1, end);
        }
        return null;
    }

    /// <summary>The pieces that a text starts with, the shortest first.</summary>
    public IEnumerable<(int Length, int Id)> StartsOf(ReadOnlyMemory<char> text)
    {
        if (text.Length == 0 || !_byFirst.TryGetValue(text.Span[0], out (int Start, int End) range))
        {
            yield break;
        }
        for (int length = 1; range.Start < range.End; length++)
        {
            // Of the pieces that agree so far, the one that ends here is the first.
            if (_pieces[range.Start].Length == length)
            {
                yield return (length, _ids[range.Start]);
                range.Start++;
            }
            if (length == text.Length)
            {
                break;
            }
            char next = text.Span[length];
            range = (Bound(range, length, next, orAfter: false), Bound(range, length, next, orAfter: true));
        }
    }

    // The first of a range's pieces whose unit at a place comes not before another, or after it.
    private int Bound((int Start, int End) range, int place, char unit, bool orAfter)
    {
        (int start, int end) = range;
        while (start < end)
        {
            int middle = (start + end) / 2;
            char found = _pieces[middle][place];
            (start, end) = found < unit || (orAfter && found == unit) ? (middle + 1, end) : (start, middle);
        }
        return start;
    }
}
