using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>What a text becomes before a Unigram model reads it, and where its words start.</summary>
/// <param name="Steps">The changes of its characters, in order.</param>
/// <param name="SplitsAtWhitespace">Whether whitespace only parts words; else each space is the first character of one.</param>
internal sealed record SentencePieceText(IReadOnlyList<Func<string, string>> Steps, bool SplitsAtWhitespace)
{
    /// <summary>What stands for a space at the start of a word.</summary>
    public const char Space = '\u2581';

    /// <summary>The text with its characters changed.</summary>
    public string Normalize(ReadOnlySpan<char> text) =>
        Steps.Aggregate(WholeCharacters(text), (changed, step) => step(changed));

    /// <summary>The words of a text, each with the sign for the space before it, which the first has too.</summary>
    public IEnumerable<string> Words(ReadOnlySpan<char> text) =>
        SplitsAtWhitespace ? SplitAtWhitespace(text.ToString()) : SplitAtSpaces(Marked(text.ToString()));

    /// <summary>Spaces in a row as one text.</summary>
    public static string JoinSpaces(string text, string content)
    {
        var joined = new StringBuilder(text.Length);
        for (int place = 0; place < text.Length; )
        {
            int end = place;
            while (end < text.Length && text[end] == ' ')
            {
                end++;
            }
            if (end - place >= 2)
            {
                joined.Append(content);
                place = end;
            }
            else
            {
                joined.Append(text[place++]);
            }
        }
        return joined.ToString();
    }

    private static IEnumerable<string> SplitAtWhitespace(string text)
    {
        foreach (
            string word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) // at whatever is whitespace
        )
        {
            foreach (string part in SplitAtSpaces(Marked(word)))
            {
                yield return part;
            }
        }
    }

    private static string Marked(string text)
    {
        text = text.Replace(' ', Space);
        return text.Length == 0 || text[0] == Space ? text : Space + text;
    }

    // Every sign starts a word.
    private static IEnumerable<string> SplitAtSpaces(string text)
    {
        for (int start = 0; start < text.Length; )
        {
            int next = text.IndexOf(Space, start + 1);
            next = next < 0 ? text.Length : next;
            yield return text[start..next];
            start = next;
        }
    }

    // Half of a surrogate pair is no character; whoever writes UTF-8 writes U+FFFD for it.
    private static string WholeCharacters(ReadOnlySpan<char> text)
    {
        var whole = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (Rune rune in text.EnumerateRunes())
        {
            whole.Append(units[..rune.EncodeToUtf16(units)]);
        }
        return whole.ToString();
    }
}
