using System.Globalization;
using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>What BERT's normaliser and pre-tokenizer do to a text before its words are cut into pieces.</summary>
/// <param name="Clean">Whether control characters are removed and all whitespace becomes spaces.</param>
/// <param name="SeparateChinese">Whether Chinese characters are words of their own.</param>
/// <param name="StripAccents">Whether characters are decomposed and lose their nonspacing marks.</param>
/// <param name="LowerCase">Whether letters are lowered.</param>
internal sealed record BertText(bool Clean, bool SeparateChinese, bool StripAccents, bool LowerCase)
{
    private static readonly (int First, int Last)[] s_chinese =
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

    /// <summary>The text as its words are looked up, with the whitespace that was between them.</summary>
    public string Normalize(ReadOnlySpan<char> text)
    {
        var normal = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            // U+0085 is both control character and whitespace: it is removed.
            if (Clean && IsRemoved(rune))
            {
                continue;
            }
            if (Clean && Rune.IsWhiteSpace(rune))
            {
                normal.Append(' ');
            }
            else if (SeparateChinese && IsChinese(rune))
            {
                normal.Append(' ');
                AppendLetters(rune, normal);
                normal.Append(' ');
            }
            else
            {
                AppendLetters(rune, normal);
            }
        }
        return normal.ToString();
    }

    /// <summary>Finds the next word: a run of characters without whitespace and punctuation, or one punctuation mark.</summary>
    /// <param name="text">A normalised text.</param>
    /// <param name="place">Where to start; behind the word afterwards.</param>
    /// <param name="word">The word.</param>
    /// <returns>Whether there was one.</returns>
    public static bool NextWord(ReadOnlySpan<char> text, ref int place, out ReadOnlySpan<char> word)
    {
        while (place < text.Length && char.IsWhiteSpace(text[place]))
        {
            place++;
        }
        int start = place;
        while (place < text.Length)
        {
            Rune.DecodeFromUtf16(text[place..], out Rune rune, out int length);
            bool alone = IsPunctuation(rune);
            if (Rune.IsWhiteSpace(rune) || (alone && place > start))
            {
                break;
            }
            place += length;
            if (alone)
            {
                break;
            }
        }
        word = text[start..place];
        return word.Length > 0;
    }

    private void AppendLetters(Rune rune, StringBuilder normal)
    {
        if (rune.IsAscii)
        {
            normal.Append(LowerCase ? char.ToLowerInvariant((char)rune.Value) : (char)rune.Value);
        }
        else if (!StripAccents)
        {
            AppendCased(rune, normal);
        }
        else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
        {
            foreach (Rune plain in Unaccented.Decompose(rune))
            {
                AppendCased(plain, normal);
            }
        }
    }

    private void AppendCased(Rune rune, StringBuilder normal)
    {
        if (LowerCase && rune.Value == 0x130)
        {
            normal.Append("i\u0307"); // the one letter whose full lower case is longer than its simple one
            return;
        }
        Span<char> characters = stackalloc char[2];
        int length = (LowerCase ? Rune.ToLowerInvariant(rune) : rune).EncodeToUtf16(characters);
        normal.Append(characters[..length]);
    }

    private static bool IsRemoved(Rune rune) =>
        rune.Value is not ('\t' or '\n' or '\r')
        && (
            rune.Value == 0xFFFD
            || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.PrivateUse
        );

    private static bool IsPunctuation(Rune rune) =>
        rune.IsAscii
            ? rune.Value is > 0x20 and < 0x7F && !char.IsAsciiLetterOrDigit((char)rune.Value)
            : Rune.IsPunctuation(rune);

    private static bool IsChinese(Rune rune)
    {
        if (rune.Value < 0x3400)
        {
            return false;
        }
        foreach ((int first, int last) in s_chinese)
        {
            if (rune.Value >= first && rune.Value <= last)
            {
                return true;
            }
        }
        return false;
    }
}
