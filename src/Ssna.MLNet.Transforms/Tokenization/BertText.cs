using System.Globalization;
using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>
/// Cuts a text into words as BERT's normaliser and pre-tokenizer do: control characters removed, Chinese characters and
/// punctuation alone, accents stripped and letters lowered where asked.
/// </summary>
/// <param name="lowerCase">Whether letters are lowered.</param>
/// <param name="stripAccents">Whether characters lose their nonspacing marks.</param>
/// <param name="separateChinese">Whether Chinese characters are words of their own.</param>
internal sealed class BertText(bool lowerCase, bool stripAccents, bool separateChinese)
{
    private static readonly (int First, int Last)[] Chinese =
    [
        (0x4E00, 0x9FFF),
        (0x3400, 0x4DBF),
        (0x20000, 0x2A6DF),
        (0x2A700, 0x2B73F),
        (0x2B740, 0x2B81F),
        (0x2B920, 0x2CEAF),
        (0xF900, 0xFAFF),
        (0x2F800, 0x2FA1F),
    ];

    /// <summary>The words of <paramref name="text"/> with single spaces between them.</summary>
    public string Words(ReadOnlySpan<char> text)
    {
        var words = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                AppendAscii((char)rune.Value, words);
            }
            else if (Rune.IsWhiteSpace(rune))
            {
                Break(words);
            }
            else if (!IsRemoved(rune))
            {
                AppendOther(rune, words);
            }
        }
        return words.ToString();
    }

    private void AppendAscii(char character, StringBuilder words)
    {
        if (char.IsAsciiLetterOrDigit(character))
        {
            words.Append(lowerCase ? char.ToLowerInvariant(character) : character);
        }
        else if (character is ' ' or '\t' or '\n' or '\r')
        {
            Break(words);
        }
        else if (character > ' ' && character != 0x7F)
        {
            Break(words).Append(character).Append(' '); // every ASCII symbol counts as punctuation
        }
    }

    private void AppendOther(Rune rune, StringBuilder words)
    {
        bool alone = separateChinese && IsChinese(rune);
        if (alone)
        {
            Break(words);
        }
        if (!stripAccents)
        {
            AppendPlain(rune, words);
        }
        else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
        {
            foreach (Rune plain in Unaccented.Decompose(rune))
            {
                AppendPlain(plain, words);
            }
        }
        if (alone)
        {
            Break(words);
        }
    }

    private void AppendPlain(Rune rune, StringBuilder words)
    {
        if (IsPunctuation(rune))
        {
            Break(words).Append(rune.ToString()).Append(' ');
        }
        else if (!lowerCase)
        {
            words.Append(rune.ToString());
        }
        else if (rune.Value == 0x130)
        {
            words.Append("i\u0307"); // the one letter whose full lower case is longer than its simple one
        }
        else
        {
            words.Append(Rune.ToLowerInvariant(rune).ToString());
        }
    }

    private static StringBuilder Break(StringBuilder words) =>
        words.Length > 0 && words[^1] != ' ' ? words.Append(' ') : words;

    private static bool IsRemoved(Rune rune) =>
        rune.Value == 0xFFFD
        || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse;

    private static bool IsPunctuation(Rune rune) =>
        rune.IsAscii ? !Rune.IsLetterOrDigit(rune) && rune.Value > ' ' : Rune.IsPunctuation(rune);

    private static bool IsChinese(Rune rune)
    {
        foreach ((int first, int last) in Chinese)
        {
            if (rune.Value >= first && rune.Value <= last)
            {
                return true;
            }
        }
        return false;
    }
}
