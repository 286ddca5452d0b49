using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>Cuts texts at tokens that are written out in them, such as [MASK]: the first, and of those the longest, wins.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly (string Pattern, AddedToken Token)[] _tokens;
    private readonly SearchValues<string> _search;

    /// <param name="tokens">The tokens, with what each looks like in the texts that are cut.</param>
    public AddedTokenSplitter(IEnumerable<(string Pattern, AddedToken Token)> tokens)
    {
        _tokens = [.. tokens.Where(each => each.Pattern.Length > 0).OrderByDescending(each => each.Pattern.Length)];
        _search = SearchValues.Create([.. _tokens.Select(each => each.Pattern)], StringComparison.Ordinal);
    }

    /// <summary>The stretches between tokens, and the tokens' ids, in order; no empty stretch.</summary>
    public IEnumerable<(ReadOnlyMemory<char> Text, int? Id)> Split(ReadOnlyMemory<char> text)
    {
        int start = 0;
        for (int search = 0; search < text.Length; )
        {
            int found = text.Span[search..].IndexOfAny(_search);
            if (found < 0)
            {
                break;
            }
            int first = search + found;
            (string pattern, AddedToken token) = LongestAt(text.Span[first..]);
            int end = first + pattern.Length;
            search = end;
            if (token.SingleWord && (EndsInWord(text.Span[..first]) || StartsWithWord(text.Span[end..])))
            {
                continue;
            }
            while (token.LeftStrip && first > start && char.IsWhiteSpace(text.Span[first - 1]))
            {
                first--;
            }
            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text.Span[end]))
            {
                end++;
            }
            if (start < first)
            {
                yield return (text[start..first], null);
            }
            yield return (text[first..end], token.Id);
            start = end;
        }
        if (start < text.Length)
        {
            yield return (text[start..], null);
        }
    }

    private (string Pattern, AddedToken Token) LongestAt(ReadOnlySpan<char> text)
    {
        foreach ((string pattern, AddedToken token) in _tokens)
        {
            if (text.StartsWith(pattern, StringComparison.Ordinal))
            {
                return (pattern, token);
            }
        }
        throw new InvalidOperationException("The search found a token that is none.");
    }

    private static bool EndsInWord(ReadOnlySpan<char> text)
    {
        Rune.DecodeLastFromUtf16(text, out Rune rune, out int length);
        return length > 0 && IsOfWord(rune);
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out int length);
        return length > 0 && IsOfWord(rune);
    }

    // \w of Unicode's regular expressions (UTS 18): letters, marks, decimal digits, connectors, joiners, circled letters.
    private static bool IsOfWord(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter
                or UnicodeCategory.LowercaseLetter
                or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter
                or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark
                or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.LetterNumber
                or UnicodeCategory.ConnectorPunctuation
        || rune.Value
            is 0x200C
                or 0x200D
                or (>= 0x24B6 and <= 0x24E9)
                or (>= 0x1F130 and <= 0x1F149)
                or (>= 0x1F150 and <= 0x1F169)
                or (>= 0x1F170 and <= 0x1F189);
}
