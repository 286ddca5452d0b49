using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>
/// Splits text as GPT-2 and RoBERTa do: contractions, and runs of letters, of numbers and of other signs, each with the
/// space before it; what other whitespace there is stands alone.
/// </summary>
/// <remarks>
/// The expression is <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>. .NET's own
/// regular expressions take a letter beyond U+FFFF for two signs, so the text is read here code point by code point.
/// </remarks>
internal static class ByteLevelWords
{
    private static readonly string[] s_contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>The length of the word that a text starts with; 0 only for the empty text.</summary>
    public static int Next(ReadOnlySpan<char> text)
    {
        foreach (string contraction in s_contractions)
        {
            if (text.StartsWith(contraction, StringComparison.Ordinal))
            {
                return contraction.Length;
            }
        }
        int space = text is [' ', _, ..] && KindOf(text[1..]) != Kind.Space ? 1 : 0;
        Kind kind = KindOf(text[space..]);
        int length = space + Run(text[space..], kind);
        // Whitespace before a word leaves its last character for the word, unless it has no other.
        return kind == Kind.Space && length < text.Length && length > 1 ? length - 1 : length;
    }

    private static int Run(ReadOnlySpan<char> text, Kind kind)
    {
        int length = 0;
        while (length < text.Length && KindOf(text[length..]) == kind)
        {
            Rune.DecodeFromUtf16(text[length..], out _, out int taken);
            length += taken;
        }
        return length;
    }

    private static Kind KindOf(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out _);
        return Rune.IsLetter(rune) ? Kind.Letter
            : Rune.IsNumber(rune) ? Kind.Number
            : Rune.IsWhiteSpace(rune) ? Kind.Space
            : Kind.Other;
    }
}
