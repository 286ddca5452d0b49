using System.Text;

namespace QuickStart.Sample.Encoder;

/// <summary>
/// Learns a WordPiece vocabulary: every character is a piece, and the pair of pieces that stands together most often
/// becomes one piece, again and again. Pieces inside a word start with "##". This is how Hugging Face's tokenizers learn
/// BERT vocabularies.
/// </summary>
public static class WordPieceVocabulary
{
    /// <summary>The five special tokens, in their usual places.</summary>
    public static readonly string[] SpecialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private const string Inside = "##";

    /// <summary>Learns at most <paramref name="size"/> pieces; it stops earlier when no pair occurs twice.</summary>
    public static List<string> Learn(IEnumerable<string> texts, int size)
    {
        var words = texts
            .SelectMany(Words)
            .GroupBy(word => word)
            .Select(group => (Pieces: Characters(group.Key), Count: group.Count()))
            .ToArray();

        // Letters and digits that no text holds as yet: a new article's text may.
        var alphabet = Enumerable
            .Range(' ' + 1, '~' - ' ')
            .Select(code => (char)code)
            .Where(c => !char.IsAsciiLetterUpper(c));
        var vocabulary = new List<string>(SpecialTokens);
        vocabulary.AddRange(alphabet.Select(c => c.ToString()));
        vocabulary.AddRange(alphabet.Where(char.IsAsciiLetterOrDigit).Select(c => Inside + c));
        var known = vocabulary.ToHashSet(StringComparer.Ordinal);
        foreach (var piece in words.SelectMany(word => word.Pieces).Order(StringComparer.Ordinal).Where(known.Add))
        {
            vocabulary.Add(piece);
        }

        while (vocabulary.Count < size && MostFrequentPair(words) is var (left, right))
        {
            var joined = left + right[Inside.Length..];
            foreach (var (pieces, _) in words)
            {
                Join(pieces, left, right, joined);
            }

            if (known.Add(joined))
            {
                vocabulary.Add(joined);
            }
        }

        return vocabulary;
    }

    /// <summary>BERT's words: lower case, cut at white space, every punctuation mark a word of its own.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var character in text.ToLowerInvariant())
        {
            var isWord = char.IsLetterOrDigit(character);
            if (!isWord && word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }

            if (isWord)
            {
                word.Append(character);
            }
            else if (!char.IsWhiteSpace(character))
            {
                yield return character.ToString();
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    private static List<string> Characters(string word) =>
        [.. word.Select((character, index) => index == 0 ? character.ToString() : Inside + character)];

    private static (string Left, string Right)? MostFrequentPair((List<string> Pieces, int Count)[] words)
    {
        var counts = new Dictionary<(string, string), int>();
        foreach (var (pieces, count) in words)
        {
            foreach (var pair in pieces.Zip(pieces.Skip(1)))
            {
                counts[pair] = counts.GetValueOrDefault(pair) + count;
            }
        }

        var best = counts
            .Where(pair => pair.Value > 1)
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key.Item1, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Item2, StringComparer.Ordinal)
            .Select(pair => ((string, string)?)pair.Key)
            .FirstOrDefault();
        return best;
    }

    private static void Join(List<string> pieces, string left, string right, string joined)
    {
        for (var index = 0; index < pieces.Count - 1; index++)
        {
            if (pieces[index] == left && pieces[index + 1] == right)
            {
                pieces[index] = joined;
                pieces.RemoveAt(index + 1);
            }
        }
    }
}
