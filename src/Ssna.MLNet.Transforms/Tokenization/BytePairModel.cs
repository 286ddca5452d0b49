using System.Buffers;
using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>
/// Takes each word for its bytes and joins the two neighbours that come first in the list of merges, the leftmost first,
/// until no neighbours are in it.
/// </summary>
/// <remarks>The pairs wait in a queue, so that a word takes time in proportion to n log n, however long it is.</remarks>
internal sealed class BytePairModel : IWordModel
{
    private const int None = -1;

    private readonly BytePairRules _rules;
    private readonly int[] _bytes = new int[256];
    private readonly Dictionary<long, (int Rank, int Product)> _merges = [];
    private readonly long _stride;

    public BytePairModel(BytePairRules rules)
    {
        _rules = rules;
        for (int value = 0; value < _bytes.Length; value++)
        {
            string token = ByteLevelAlphabet.Characters[value].ToString();
            _bytes[value] = rules.Vocabulary.TryGetValue(token, out int id) ? id : rules.Unknown ?? None;
        }
        _stride = rules.Vocabulary.Values.DefaultIfEmpty().Max() + 1L;
        foreach ((int rank, (int left, int right, int product)) in rules.Merges.Index())
        {
            _merges[Key(left, right)] = (rank, product);
        }
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<char> Normalize(ReadOnlyMemory<char> text) => text;

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<char> text, List<int> ids, int enough)
    {
        if (_rules.AddPrefixSpace && text is [not ' ', ..])
        {
            text = string.Concat(" ", text);
        }
        while (text.Length > 0 && ids.Count < enough)
        {
            int length = ByteLevelWords.Next(text);
            AppendWord(text[..length], ids);
            text = text[length..];
        }
    }

    private void AppendWord(ReadOnlySpan<char> word, List<int> ids)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        int[] symbols = ArrayPool<int>.Shared.Rent(bytes.Length);
        try
        {
            int count = Encoding.UTF8.GetBytes(word, bytes);
            if (_rules.WholeWordsFirst && FindWhole(bytes.AsSpan(0, count)) is { } whole)
            {
                ids.Add(whole);
                return;
            }
            count = ToSymbols(bytes.AsSpan(0, count), symbols);
            Join(symbols.AsSpan(0, count), ids);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<int>.Shared.Return(symbols);
        }
    }

    private int? FindWhole(ReadOnlySpan<byte> bytes)
    {
        var word = new StringBuilder(bytes.Length);
        foreach (byte value in bytes)
        {
            word.Append(ByteLevelAlphabet.Characters[value]);
        }
        return _rules.Vocabulary.TryGetValue(word.ToString(), out int id) ? id : null;
    }

    private int ToSymbols(ReadOnlySpan<byte> bytes, Span<int> symbols)
    {
        int count = 0;
        bool fused = false;
        foreach (byte value in bytes)
        {
            int symbol = _bytes[value];
            bool unknown = symbol == _rules.Unknown;
            if (symbol != None && !(unknown && fused))
            {
                symbols[count++] = symbol;
            }
            fused = unknown && _rules.FuseUnknown;
        }
        return count;
    }

    private void Join(Span<int> symbols, List<int> ids)
    {
        int[] neighbours = ArrayPool<int>.Shared.Rent(2 * symbols.Length);
        Span<int> next = neighbours.AsSpan(0, symbols.Length);
        Span<int> previous = neighbours.AsSpan(symbols.Length, symbols.Length);
        var pairs = new PriorityQueue<int, ulong>();
        for (int place = 0; place < symbols.Length; place++)
        {
            previous[place] = place - 1;
            next[place] = place + 1 < symbols.Length ? place + 1 : None;
            Enqueue(pairs, symbols, place, next[place]);
        }
        while (pairs.TryDequeue(out int left, out ulong order))
        {
            int right = next[left];
            // A pair that has changed since it was queued is another, or none.
            if (!TryFind(symbols, left, right, out int rank, out int product) || rank != (int)(order >> 32))
            {
                continue;
            }
            symbols[left] = product;
            symbols[right] = None;
            next[left] = next[right];
            if (next[right] != None)
            {
                previous[next[right]] = left;
            }
            Enqueue(pairs, symbols, previous[left], left);
            Enqueue(pairs, symbols, left, next[left]);
        }
        foreach (int symbol in symbols)
        {
            if (symbol != None)
            {
                ids.Add(symbol);
            }
        }
        ArrayPool<int>.Shared.Return(neighbours);
    }

    private void Enqueue(PriorityQueue<int, ulong> pairs, ReadOnlySpan<int> symbols, int left, int right)
    {
        if (TryFind(symbols, left, right, out int rank, out _))
        {
            pairs.Enqueue(left, ((ulong)rank << 32) | (uint)left);
        }
    }

    private bool TryFind(ReadOnlySpan<int> symbols, int left, int right, out int rank, out int product)
    {
        (rank, product) = (0, 0);
        if (left == None || right == None || symbols[left] == None)
        {
            return false;
        }
        bool found = _merges.TryGetValue(Key(symbols[left], symbols[right]), out (int Rank, int Product) merge);
        (rank, product) = merge;
        return found;
    }

    private long Key(int left, int right) => (left * _stride) + right;
}
