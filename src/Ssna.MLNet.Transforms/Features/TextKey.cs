using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ssna.MLNet.Features;

/// <summary>What stands for a text in the stores: the first 128 bits of its SHA-256, so that equal keys mean equal texts.</summary>
internal readonly record struct TextKey(ulong First, ulong Second)
{
    /// <summary>Bytes of a key in a file.</summary>
    public const int Size = 16;

    /// <summary>The key of a text's UTF-16 code units: unpaired surrogates keep their meaning.</summary>
    public static TextKey Of(ReadOnlySpan<char> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text), hash);
        return Read(hash);
    }

    /// <summary>Which of so many parts, about as large as one another, the text is of: the same on every machine.</summary>
    public int PartOf(int parts) => (int)(First % (ulong)parts);

    public static TextKey Read(ReadOnlySpan<byte> bytes) =>
        new(MemoryMarshal.Read<ulong>(bytes), MemoryMarshal.Read<ulong>(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        MemoryMarshal.Write(bytes, First);
        MemoryMarshal.Write(bytes[8..], Second);
    }
}
