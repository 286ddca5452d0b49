using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Ssna.MLNet.Tokenization;

/// <summary>SentencePiece's table of characters that are written as others (<c>precompiled_charsmap</c>): its form of NFKC.</summary>
/// <remarks>
/// The bytes are the size of a double array of 32-bit units (Darts-clone), that array, and texts that end in a zero byte; the array's
/// values are where in them a replacement starts. As Hugging Face's tokenizers read it, a grapheme of up to five bytes is replaced by
/// what the shortest entry says that it starts with, however much of it that leaves out; any other goes by code points.
/// </remarks>
internal sealed class CharacterMap
{
    private const int LongestGrapheme = 5;

    private readonly uint[] _units;
    private readonly byte[] _texts;

    /// <summary>Reads a table.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public CharacterMap(ReadOnlySpan<byte> table, string source)
    {
        if (
            table.Length < sizeof(uint)
            || BinaryPrimitives.ReadUInt32LittleEndian(table) is var size
                && (size % sizeof(uint) != 0 || size < sizeof(uint) || size > table.Length - sizeof(uint))
        )
        {
            throw new InvalidDataException(
                $"'{source}': expected the size of an array and the array, found {table.Length:N0} bytes that are too few for it."
            );
        }
        ReadOnlySpan<byte> units = table.Slice(sizeof(uint), (int)size);
        _units = new uint[units.Length / sizeof(uint)];
        for (int i = 0; i < _units.Length; i++)
        {
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(units[(i * sizeof(uint))..]);
        }
        _texts = table[(sizeof(uint) + units.Length)..].ToArray();
        if (!Utf8.IsValid(_texts))
        {
            throw new InvalidDataException($"'{source}': expected replacements in UTF-8, found other bytes.");
        }
    }

    /// <summary>The text with all characters replaced that the table names.</summary>
    public string Apply(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        Span<byte> bytes = stackalloc byte[LongestGrapheme];
        Span<char> units = stackalloc char[2];
        while (text.Length > 0)
        {
            int length = StringInfo.GetNextTextElementLength(text);
            ReadOnlySpan<char> grapheme = text[..length];
            text = text[length..];
            if (Encoding.UTF8.TryGetBytes(grapheme, bytes, out int count) && Find(bytes[..count]) is { } whole)
            {
                result.Append(whole);
                continue;
            }
            foreach (Rune rune in grapheme.EnumerateRunes())
            {
                count = rune.EncodeToUtf8(bytes);
                if (Find(bytes[..count]) is { } replacement)
                {
                    result.Append(replacement);
                }
                else
                {
                    result.Append(units[..rune.EncodeToUtf16(units)]);
                }
            }
        }
        return result.ToString();
    }

    // What the shortest entry that the key starts with is replaced by. A damaged array leads out of itself, which ends the search.
    private string? Find(ReadOnlySpan<byte> key)
    {
        long place = Offset(_units[0]);
        foreach (byte letter in key)
        {
            place ^= letter;
            if (letter == 0 || place >= _units.Length || Label(_units[place]) != letter)
            {
                return null;
            }
            bool hasValue = (_units[place] >> 8 & 1) == 1;
            place ^= Offset(_units[place]);
            if (hasValue)
            {
                return place < _units.Length ? TextAt((int)(_units[place] & int.MaxValue)) : null;
            }
        }
        return null;
    }

    private string? TextAt(int start)
    {
        // A start amid a character would make no text.
        if (start >= _texts.Length || (_texts[start] & 0xC0) == 0x80)
        {
            return start == _texts.Length ? "" : null;
        }
        int end = _texts.AsSpan(start).IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? _texts.AsSpan(start) : _texts.AsSpan(start, end));
    }

    private static uint Label(uint unit) => unit & (1u << 31 | 0xFF);

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1u << 9) >> 6);
}
