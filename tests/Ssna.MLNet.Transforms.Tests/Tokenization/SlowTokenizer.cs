using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ssna.MLNet.Tokenization;

namespace Ssna.MLNet.Transforms.Tests.Tokenization;

/// <summary>The published rules of BERT's and RoBERTa's tokenizers, written down one after another with no care for time.</summary>
internal static class SlowTokenizer
{
    /// <summary>Characters with accents that the properties' texts have, and their canonical decompositions.</summary>
    public static readonly Dictionary<char, string> Decompositions = new()
    {
        ['é'] = "e\u0301",
        ['É'] = "E\u0301",
        ['Å'] = "A\u030A",
        ['ü'] = "u\u0308",
        ['İ'] = "I\u0307",
        ['\u037E'] = ";",
        ['が'] = "か\u3099",
        ['\uF900'] = "\u8C48",
        ['한'] = "\u1112\u1161\u11AB",
    };

    /// <summary>BERT: clean text, Chinese characters spaced, accents and case, punctuation split, greedy longest pieces.</summary>
    public static List<int> Bert(string text, BertText rules, IReadOnlyDictionary<string, int> vocabulary, int unknown)
    {
        if (rules.Clean)
        {
            text = Map(
                text,
                rune =>
                    IsControl(rune) ? ""
                    : Rune.IsWhiteSpace(rune) ? " "
                    : rune.ToString()
            );
        }
        if (rules.SeparateChinese)
        {
            text = Map(text, rune => IsChinese(rune.Value) ? $" {rune} " : rune.ToString());
        }
        if (rules.StripAccents)
        {
            text = string.Concat(text.Select(c => Decompositions.GetValueOrDefault(c, c.ToString())));
            text = Map(
                text,
                rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark ? "" : rune.ToString()
            );
        }
        if (rules.LowerCase)
        {
            text = Map(text, rune => rune.Value == 0x130 ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString());
        }
        var ids = new List<int>();
        text = Map(text, rune => IsPunctuation(rune) ? $" {rune} " : rune.ToString());
        foreach (string word in Regex.Split(text, @"[\s\u0085]+").Where(word => word.Length > 0))
        {
            ids.AddRange(Pieces(word, vocabulary) ?? [unknown]);
        }
        return ids;
    }

    /// <summary>RoBERTa: GPT-2's expression, bytes as characters, the merge of the lowest rank again and again.</summary>
    public static List<int> Roberta(
        string text,
        bool addPrefixSpace,
        IReadOnlyDictionary<string, int> vocabulary,
        IReadOnlyList<(string Left, string Right)> merges
    )
    {
        if (addPrefixSpace && text.Length > 0 && text[0] != ' ')
        {
            text = " " + text;
        }
        // .NET's expressions see UTF-16: letters and numbers beyond it are stood in for by others of their kind.
        Rune[] runes = [.. text.EnumerateRunes()];
        string stand = string.Concat(
            runes.Select(rune =>
                rune.IsBmp ? (char)rune.Value
                : Rune.IsLetter(rune) ? 'x'
                : Rune.IsNumber(rune) ? '7'
                : '★'
            )
        );
        var ids = new List<int>();
        foreach (
            Match match in Regex.Matches(
                stand,
                @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
            )
        )
        {
            string word = string.Concat(
                runes[match.Index..(match.Index + match.Length)].Select(rune => rune.ToString())
            );
            List<string> symbols = [.. Encoding.UTF8.GetBytes(word).Select(CharacterOf)];
            symbols.RemoveAll(symbol => !vocabulary.ContainsKey(symbol));
            while (Lowest(symbols, merges) is { } place)
            {
                symbols[place] += symbols[place + 1];
                symbols.RemoveAt(place + 1);
            }
            ids.AddRange(symbols.Select(symbol => vocabulary[symbol]));
        }
        return ids;
    }

    /// <summary>GPT-2's character of a byte.</summary>
    public static string CharacterOf(byte value)
    {
        List<int> visible = [.. Enumerable.Range(33, 94), .. Enumerable.Range(161, 12), .. Enumerable.Range(174, 82)];
        int code = visible.Contains(value)
            ? value
            : 256 + Enumerable.Range(0, value).Count(other => !visible.Contains(other));
        return ((char)code).ToString();
    }

    private static int? Lowest(List<string> symbols, IReadOnlyList<(string Left, string Right)> merges)
    {
        foreach ((string left, string right) in merges)
        {
            for (int place = 0; place + 1 < symbols.Count; place++)
            {
                if (symbols[place] == left && symbols[place + 1] == right)
                {
                    return place;
                }
            }
        }
        return null;
    }

    private static List<int>? Pieces(string word, IReadOnlyDictionary<string, int> vocabulary)
    {
        Rune[] runes = [.. word.EnumerateRunes()];
        if (runes.Length > 100)
        {
            return null;
        }
        var ids = new List<int>();
        for (int start = 0; start < runes.Length; )
        {
            int end = runes.Length;
            string piece;
            while (!vocabulary.ContainsKey(piece = (start > 0 ? "##" : "") + string.Concat(runes[start..end])))
            {
                if (--end == start)
                {
                    return null;
                }
            }
            ids.Add(vocabulary[piece]);
            start = end;
        }
        return ids;
    }

    private static string Map(string text, Func<Rune, string> map) => string.Concat(text.EnumerateRunes().Select(map));

    private static bool IsControl(Rune rune) =>
        rune.Value is not ('\t' or '\n' or '\r')
        && (
            rune.Value is 0 or 0xFFFD
            || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.PrivateUse
        );

    private static bool IsPunctuation(Rune rune) =>
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".Contains(rune.ToString(), StringComparison.Ordinal)
        || Rune.IsPunctuation(rune);

    private static bool IsChinese(int code) =>
        code
            is (>= 0x4E00 and <= 0x9FFF)
                or (>= 0x3400 and <= 0x4DBF)
                or (>= 0x20000 and <= 0x2A6DF)
                or (>= 0x2A700 and <= 0x2B73F)
                or (>= 0x2B740 and <= 0x2B81F)
                or (>= 0x2B920 and <= 0x2CEAF)
                or (>= 0xF900 and <= 0xFAFF)
                or (>= 0x2F800 and <= 0x2FA1F);
}
