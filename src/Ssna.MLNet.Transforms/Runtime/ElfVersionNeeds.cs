using System.Buffers.Binary;
using System.Text;

namespace Ssna.MLNet.Runtime;

/// <summary>Edits the symbol versions that a 64-bit little-endian ELF library asks of another (section .gnu.version_r).</summary>
internal static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    private const int SectionHeaderTable = 0x28;
    private const int SectionHeaderSize = 0x3A;

    /// <summary>
    /// Makes <paramref name="image"/> ask <paramref name="library"/> for <paramref name="wanted"/> where it asked for
    /// <paramref name="unwanted"/>. Both must already be named in it.
    /// </summary>
    /// <returns>Whether the image asked for the unwanted version and was changed.</returns>
    public static bool Replace(Span<byte> image, string library, string unwanted, string wanted)
    {
        if (image.Length < 64 || !image[..6].SequenceEqual(new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }))
        {
            return false;
        }
        try
        {
            return ReplaceIn(image, library, unwanted, wanted);
        }
        catch (ArgumentOutOfRangeException)
        {
            return false; // an offset points outside the file: damaged, and not ours to mend
        }
    }

    private static bool ReplaceIn(Span<byte> image, string library, string unwanted, string wanted)
    {
        long table = BinaryPrimitives.ReadInt64LittleEndian(image[SectionHeaderTable..]);
        int headerSize = UInt16(image, SectionHeaderSize);
        int headers = UInt16(image, SectionHeaderSize + 2);
        for (int i = 0; i < headers; i++)
        {
            Span<byte> header = image.Slice(checked((int)table) + (i * headerSize), headerSize);
            if (UInt32(header, 4) != VersionNeedSection)
            {
                continue;
            }
            int needs = checked((int)UInt64(header, 0x18));
            int count = checked((int)UInt32(header, 0x2C));
            int linked = checked((int)UInt32(header, 0x28));
            Span<byte> strings = image.Slice(checked((int)table) + (linked * headerSize), headerSize);
            int names = checked((int)UInt64(strings, 0x18));

            int from = -1;
            int to = -1;
            for (int need = needs, n = 0; n < count; n++, need += checked((int)UInt32(image, need + 12)))
            {
                bool ours = Name(image, names, UInt32(image, need + 4)) == library;
                int entries = UInt16(image, need + 2);
                int entry = need + checked((int)UInt32(image, need + 8));
                for (int e = 0; e < entries; e++, entry += checked((int)UInt32(image, entry + 12)))
                {
                    string version = Name(image, names, UInt32(image, entry + 8));
                    from = ours && version == unwanted ? entry : from;
                    to = ours && version == wanted ? entry : to;
                }
            }
            if (from < 0 || to < 0)
            {
                return false;
            }
            image.Slice(to, 4).CopyTo(image[from..]); // the hash of the name
            image.Slice(to + 8, 4).CopyTo(image[(from + 8)..]); // the name
            return true;
        }
        return false;
    }

    private static string Name(Span<byte> image, int table, uint offset)
    {
        Span<byte> start = image[(table + checked((int)offset))..];
        return Encoding.ASCII.GetString(start[..start.IndexOf((byte)0)]);
    }

    private static ushort UInt16(Span<byte> image, int at) => BinaryPrimitives.ReadUInt16LittleEndian(image[at..]);

    private static uint UInt32(Span<byte> image, int at) => BinaryPrimitives.ReadUInt32LittleEndian(image[at..]);

    private static ulong UInt64(Span<byte> image, int at) => BinaryPrimitives.ReadUInt64LittleEndian(image[at..]);
}
