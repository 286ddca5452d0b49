using System.Globalization;
using System.Reflection;
using System.Text;

namespace Ssna.MLNet.Tokenization;

/// <summary>
/// What canonical decomposition leaves of a character once nonspacing marks are dropped: "é" becomes "e".
/// </summary>
/// <remarks>
/// A table of the library's own, because <see cref="string.Normalize()"/> does nothing where an application runs with
/// InvariantGlobalization, and token ids must not depend on that.
/// </remarks>
internal static class Unaccented
{
    private const string Resource = "Ssna.MLNet.Tokenization.UnaccentedCharacters.txt";
    private const int FirstHangul = 0xAC00;
    private const int LastHangul = 0xD7A3;

    private static readonly Lazy<Dictionary<int, Rune[]>> Table = new(ReadTable);

    /// <summary>The character itself, or what is left of it.</summary>
    public static ReadOnlySpan<Rune> Decompose(Rune rune)
    {
        if (rune.Value is >= FirstHangul and <= LastHangul)
        {
            return DecomposeHangul(rune.Value - FirstHangul);
        }
        return Table.Value.TryGetValue(rune.Value, out Rune[]? plain) ? plain : new[] { rune };
    }

    // The Unicode Standard, 3.12: a syllable is 28 trailing consonants by 21 vowels by a leading consonant.
    private static Rune[] DecomposeHangul(int syllable)
    {
        var leading = new Rune(0x1100 + (syllable / (21 * 28)));
        var vowel = new Rune(0x1161 + (syllable % (21 * 28) / 28));
        int trailing = syllable % 28;
        return trailing == 0 ? [leading, vowel] : [leading, vowel, new Rune(0x11A7 + trailing)];
    }

    private static Dictionary<int, Rune[]> ReadTable()
    {
        var table = new Dictionary<int, Rune[]>();
        using Stream stream =
            Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource '{Resource}'.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }
            string[] parts = line.Split('\t');
            table.Add(
                Parse(parts[0]),
                [.. parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(code => new Rune(Parse(code)))]
            );
        }
        return table;

        static int Parse(string code) => int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
