using System.Numerics;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Model;

/// <summary>bfloat16, the upper half of float32, where .NET has no type for it.</summary>
internal static class BFloat16Rows
{
    /// <summary>Every number as float32, which holds them all.</summary>
    public static void Widen(ReadOnlySpan<ushort> from, Span<float> to)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(to);
        int width = Vector<ushort>.Count;
        int i = 0;
        for (; i + width <= from.Length; i += width)
        {
            Vector.Widen(new Vector<ushort>(from[i..]), out Vector<uint> low, out Vector<uint> high);
            (low << 16).CopyTo(bits[i..]);
            (high << 16).CopyTo(bits[(i + (width / 2))..]);
        }
        for (; i < from.Length; i++)
        {
            bits[i] = (uint)from[i] << 16;
        }
    }

    /// <summary>Every number rounded to the nearest, of two as near to the even one, as libtorch does.</summary>
    /// <param name="from">Where it is NaN, the least bits are not all set, as in what a CPU makes and in what was widened.</param>
    /// <param name="to">As many.</param>
    public static void Round(ReadOnlySpan<float> from, Span<ushort> to)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(from);
        int width = Vector<ushort>.Count;
        int i = 0;
        for (; i + width <= to.Length; i += width)
        {
            Vector<uint> low = Rounded(new Vector<uint>(bits[i..]));
            Vector<uint> high = Rounded(new Vector<uint>(bits[(i + (width / 2))..]));
            Vector.Narrow(low, high).CopyTo(to[i..]);
        }
        for (; i < to.Length; i++)
        {
            to[i] = (ushort)((bits[i] + 0x7fff + ((bits[i] >> 16) & 1)) >> 16);
        }
    }

    private static Vector<uint> Rounded(Vector<uint> x) =>
        (x + new Vector<uint>(0x7fff) + ((x >>> 16) & Vector<uint>.One)) >>> 16;
}
