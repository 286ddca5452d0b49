using System.Runtime.InteropServices;

namespace Ssna.MLNet.Fuzz.Mutations;

/// <summary>Numbers of a binary file that were a length, a count, a place or a value.</summary>
internal static class BinaryNumbers
{
    private static readonly long[] s_integers =
    [
        0,
        1,
        -1,
        int.MaxValue,
        int.MinValue,
        1L << 31,
        1L << 32,
        long.MaxValue,
    ];
    private static readonly float[] s_floats = [0, -1, float.NaN, float.PositiveInfinity, 3e38f, 1e-40f];

    public static Mutation Mutate(byte[] content, Random random)
    {
        if (content.Length < sizeof(long))
        {
            return Bytes.Mutate(content, random);
        }
        var changed = (byte[])content.Clone();
        int at = random.Next(content.Length - sizeof(long) + 1);
        at = random.Next(2) == 0 ? at & ~3 : at;
        switch (random.Next(3))
        {
            case 0:
                int number = (int)s_integers[random.Next(5)];
                MemoryMarshal.Write(changed.AsSpan(at), number);
                return new Mutation(changed, $"the int {number} at {at}");
            case 1:
                long large = s_integers[random.Next(s_integers.Length)];
                MemoryMarshal.Write(changed.AsSpan(at), large);
                return new Mutation(changed, $"the long {large} at {at}");
            default:
                float value = s_floats[random.Next(s_floats.Length)];
                MemoryMarshal.Write(changed.AsSpan(at), value);
                return new Mutation(changed, $"the float {value} at {at}");
        }
    }
}
