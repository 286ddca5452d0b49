using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>Cuts each word into the longest pieces that the vocabulary holds, from the left; else the word is unknown.</summary>
internal sealed class WordPieceModel : IWordModel
{
    private readonly WordPieceRules _rules;
    private readonly Pieces _starts;
    private readonly Pieces _insides;

    public WordPieceModel(WordPieceRules rules)
    {
        _rules = rules;
        _starts = new Pieces(rules.Vocabulary, "");
        _insides = rules.Prefix.Length == 0 ? _starts : new Pieces(rules.Vocabulary, rules.Prefix);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<char> Normalize(ReadOnlyMemory<char> text) => _rules.Text.Normalize(text.Span).AsMemory();

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<char> text, List<int> ids, int enough)
    {
        for (int place = 0; ids.Count < enough && BertText.NextWord(text, ref place, out ReadOnlySpan<char> word); )
        {
            int before = ids.Count;
            if (IsTooLong(word) || !AppendPieces(word, ids))
            {
                ids.RemoveRange(before, ids.Count - before);
                ids.Add(_rules.Unknown);
            }
        }
    }

    private bool AppendPieces(ReadOnlySpan<char> word, List<int> ids)
    {
        for (int start = 0; start < word.Length; )
        {
            int length = (start == 0 ? _starts : _insides).Longest(word[start..], out int id);
            if (length == 0)
            {
                return false;
            }
            ids.Add(id);
            start += length;
        }
        return true;
    }

    private bool IsTooLong(ReadOnlySpan<char> word)
    {
        if (word.Length <= _rules.MaximumCharacters)
        {
            return false;
        }
        int count = 0;
        foreach (Rune _ in word.EnumerateRunes())
        {
            if (++count > _rules.MaximumCharacters)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The tokens that start with a prefix, by what follows it.</summary>
    private sealed class Pieces
    {
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
        private readonly int _longest;

        public Pieces(IReadOnlyDictionary<string, int> vocabulary, string prefix)
        {
            var ids = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach ((string token, int id) in vocabulary)
            {
                if (token.StartsWith(prefix, StringComparison.Ordinal))
                {
                    ids[token[prefix.Length..]] = id;
                    _longest = Math.Max(_longest, token.Length - prefix.Length);
                }
            }
            _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        /// <summary>The length of the longest piece that the text starts with; 0 where there is none.</summary>
        public int Longest(ReadOnlySpan<char> text, out int id)
        {
            for (int length = Math.Min(text.Length, _longest); length > 0; length--)
            {
                if (_ids.TryGetValue(text[..length], out id))
                {
                    return length;
                }
            }
            id = 0;
            return 0;
        }
    }
}
