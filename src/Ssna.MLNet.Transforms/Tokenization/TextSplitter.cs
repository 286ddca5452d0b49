using System.Buffers;

namespace Ssna.MLNet.Tokenization;

/// <summary>Cuts texts at special tokens that are written out in them, such as [MASK]; the longest token wins.</summary>
internal sealed class TextSplitter
{
    private readonly (string Token, int Id)[] _tokens;
    private readonly SearchValues<string> _search;

    public TextSplitter(IEnumerable<string> tokens, Func<string, int> id)
    {
        _tokens = [.. tokens.OrderByDescending(token => token.Length).Select(token => (token, id(token)))];
        _search = SearchValues.Create([.. _tokens.Select(entry => entry.Token)], StringComparison.Ordinal);
    }

    /// <summary>The stretches between special tokens, and the tokens' ids, in order; no empty stretch.</summary>
    public IEnumerable<(ReadOnlyMemory<char> Text, int? Special)> Split(string text)
    {
        int start = 0;
        while (start < text.Length)
        {
            int found = text.AsSpan(start).IndexOfAny(_search);
            if (found != 0)
            {
                int length = found < 0 ? text.Length - start : found;
                yield return (text.AsMemory(start, length), null);
                start += length;
            }
            if (found >= 0)
            {
                (string token, int id) = _tokens.First(entry =>
                    string.CompareOrdinal(text, start, entry.Token, 0, entry.Token.Length) == 0
                );
                yield return (text.AsMemory(start, token.Length), id);
                start += token.Length;
            }
        }
    }
}
