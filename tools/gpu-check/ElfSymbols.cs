using System.Buffers.Binary;
using System.Text;

namespace GpuCheck;

/// <summary>The dynamic symbols of a library for Linux x64, as its .dynsym has them.</summary>
internal sealed class ElfSymbols
{
    private const int DynamicSymbols = 11; // SHT_DYNSYM
    private const int SymbolSize = 24;

    private ElfSymbols(HashSet<string> defined, HashSet<string> needed) => (Defined, Needed) = (defined, needed);

    /// <summary>What others may use.</summary>
    public IReadOnlySet<string> Defined { get; }

    /// <summary>What others must have.</summary>
    public IReadOnlySet<string> Needed { get; }

    /// <exception cref="InvalidDataException">The file is no 64-bit ELF library.</exception>
    public static ElfSymbols Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] header = Part(file, 0, 64);
        if (!header.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
        {
            throw new InvalidDataException($"'{path}': expected a library for Linux x64, found another file.");
        }
        long sections = Long(header, 40);
        int size = Short(header, 58);
        int count = Short(header, 60);
        byte[] table = Part(file, sections, (long)size * count);
        (HashSet<string> defined, HashSet<string> needed) = ([], []);
        for (int i = 0; i < count; i++)
        {
            int at = i * size;
            if (BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(at + 4)) != DynamicSymbols)
            {
                continue;
            }
            int linked = BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(at + 40)) * size;
            byte[] names = Part(file, Long(table, linked + 24), Long(table, linked + 32));
            byte[] symbols = Part(file, Long(table, at + 24), Long(table, at + 32));
            for (int symbol = SymbolSize; symbol < symbols.Length; symbol += SymbolSize)
            {
                int name = BinaryPrimitives.ReadInt32LittleEndian(symbols.AsSpan(symbol));
                int end = Array.IndexOf(names, (byte)0, name);
                string text = Encoding.UTF8.GetString(names, name, end - name);
                bool weak = symbols[symbol + 4] >> 4 == 2;
                if (Short(symbols, symbol + 6) != 0)
                {
                    defined.Add(text);
                }
                else if (!weak)
                {
                    needed.Add(text);
                }
            }
        }
        return new ElfSymbols(defined, needed);
    }

    private static byte[] Part(FileStream file, long start, long length)
    {
        var part = new byte[length];
        file.Position = start;
        file.ReadExactly(part);
        return part;
    }

    private static long Long(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));

    private static int Short(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
}
