using System.Numerics;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Model;

/// <summary>
/// Dropout masks in the CPU's memory, many times faster than libtorch's Bernoulli numbers, which take a tenth of a training
/// step. Every number is a hash of its place and a key, so that masks depend on neither threads nor the vectors' width.
/// </summary>
internal static class DropoutMask
{
    /// <summary>Fills a mask: 0 for <paramref name="share"/> of the numbers, <paramref name="kept"/> for the others.</summary>
    /// <param name="mask">What to fill.</param>
    /// <param name="key">Decides which: a new one for every mask.</param>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="kept">The value of numbers that are not dropped.</param>
    public static void Fill(Span<float> mask, ulong key, double share, float kept)
    {
        var dropped = (uint)Math.Min(uint.MaxValue, share * 4294967296.0);
        (uint low, uint high) = ((uint)key, (uint)(key >> 32));
        int width = Vector<uint>.Count;
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(mask);
        Vector<uint> place = Vector.CreateSequence(low, 1u);
        var step = new Vector<uint>((uint)width);
        var salt = new Vector<uint>(high);
        var threshold = new Vector<uint>(dropped);
        var value = new Vector<float>(kept);
        foreach (ref Vector<float> vector in vectors)
        {
            Vector<uint> keep = Vector.GreaterThanOrEqual(Hash(place, salt), threshold);
            vector = Vector.BitwiseAnd(value, Vector.As<uint, float>(keep));
            place += step;
        }
        Span<float> rest = mask[(vectors.Length * width)..];
        for (int i = 0; i < rest.Length; i++)
        {
            rest[i] = Hash(place, salt)[i] >= dropped ? kept : 0;
        }
    }

    // Wellons' lowbias32, salted: a permutation of 32 bits whose output bits each depend evenly on all input bits.
    private static Vector<uint> Hash(Vector<uint> x, Vector<uint> salt)
    {
        x ^= x >>> 16;
        x *= 0x7feb352du;
        x ^= salt;
        x ^= x >>> 15;
        x *= 0x846ca68bu;
        return x ^ (x >>> 16);
    }
}
