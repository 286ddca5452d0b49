using System.Numerics;
using System.Runtime.InteropServices;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// Random numbers without a generator: each is a hash of a key and of its place, so that it depends on neither threads, devices
/// nor the vectors' width, and can be drawn again. On a CPU many times faster than libtorch's own, which take a tenth of a
/// training step; on other devices made there, as TorchSharp's generators belong to the CPU whatever they are asked for
/// (dotnet/TorchSharp issue 1194).
/// </summary>
internal static class HashedNumbers
{
    private const uint First = 0x7feb352d;
    private const uint Second = 0x846ca68b;
    private const float Step = 1f / (1 << 24);

    /// <summary>0 for <paramref name="share"/> of the numbers, <paramref name="kept"/> for the others.</summary>
    /// <param name="shape">The shape of what is made.</param>
    /// <param name="device">Where it is made.</param>
    /// <param name="key">Decides which: a new one for every mask.</param>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="kept">The value of numbers that are not dropped.</param>
    /// <param name="rows">
    /// Which rows of something larger are made, in ascending order, each of as many numbers; none where it is the whole.
    /// </param>
    /// <returns>Of <paramref name="shape"/>, float32.</returns>
    public static Tensor Mask(
        ReadOnlySpan<long> shape,
        Device device,
        ulong key,
        double share,
        float kept,
        ReadOnlySpan<long> rows = default
    )
    {
        using var scope = NewDisposeScope();
        if (device.type == DeviceType.CPU)
        {
            Tensor mask = empty(shape, dtype: ScalarType.Float32);
            FillMask(MemoryMarshal.Cast<byte, float>(mask.bytes), key, share, kept, rows);
            return mask.MoveToOuterDisposeScope();
        }
        return Hash(shape, device, key, rows)
            .ge(Alone(Threshold(share)))
            .to(ScalarType.Float32)
            .MultiplyInPlace(kept)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Evenly between 0 and 1, never 0.</summary>
    /// <inheritdoc cref="Mask"/>
    public static Tensor Uniform(ReadOnlySpan<long> shape, Device device, ulong key, ReadOnlySpan<long> rows = default)
    {
        using var scope = NewDisposeScope();
        if (device.type == DeviceType.CPU)
        {
            Tensor numbers = empty(shape, dtype: ScalarType.Float32);
            FillUniform(MemoryMarshal.Cast<byte, float>(numbers.bytes), key, rows);
            return numbers.MoveToOuterDisposeScope();
        }
        Tensor bits = Shifted(Hash(shape, device, key, rows), 8).to(ScalarType.Float32);
        return bits.AddNumberInPlace(0.5f).MultiplyInPlace(Step).MoveToOuterDisposeScope();
    }

    /// <summary>Of mean 0 and deviation 1, by Box and Muller's transform.</summary>
    /// <inheritdoc cref="Mask"/>
    public static Tensor Normal(ReadOnlySpan<long> shape, Device device, ulong key, ReadOnlySpan<long> rows = default)
    {
        using var scope = NewDisposeScope();
        Tensor length = Uniform(shape, device, key, rows).log_().MultiplyInPlace(-2f).sqrt_();
        Tensor angle = Uniform(shape, device, Mix(key), rows).MultiplyInPlace(2 * MathF.PI).cos_();
        return length.mul_(angle).MoveToOuterDisposeScope();
    }

    /// <summary>Another key, that tells nothing of the first: the last step of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    public static ulong Mix(ulong key)
    {
        key += 0x9e3779b97f4a7c15;
        key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9;
        key = (key ^ (key >> 27)) * 0x94d049bb133111eb;
        return key ^ (key >> 31);
    }

    private static void FillMask(Span<float> mask, ulong key, double share, float kept, ReadOnlySpan<long> rows) =>
        Fill(mask, key, rows, new MaskOf(new Vector<uint>(Threshold(share)), new Vector<float>(kept)));

    private static void FillUniform(Span<float> numbers, ulong key, ReadOnlySpan<long> rows) =>
        Fill(numbers, key, rows, new UniformOf(new Vector<float>(0.5f), new Vector<float>(Step)));

    private static void Fill<T>(Span<float> numbers, ulong key, ReadOnlySpan<long> rows, T of)
        where T : struct, INumbersOf
    {
        if (rows.IsEmpty)
        {
            FillRun(numbers, key, 0, of);
            return;
        }
        int width = numbers.Length / rows.Length;
        for (int from = 0; from < rows.Length; )
        {
            int run = RunAt(rows, from);
            FillRun(numbers.Slice(from * width, run * width), key, rows[from] * width, of);
            from += run;
        }
    }

    // How many rows from one on lie side by side.
    private static int RunAt(ReadOnlySpan<long> rows, int from)
    {
        int to = from + 1;
        while (to < rows.Length && rows[to] == rows[to - 1] + 1)
        {
            to++;
        }
        return to - from;
    }

    private static void FillRun<T>(Span<float> numbers, ulong key, long first, T of)
        where T : struct, INumbersOf
    {
        (uint low, uint high) = ((uint)key + (uint)first, (uint)(key >> 32));
        int width = Vector<uint>.Count;
        Vector<uint> place = Vector.CreateSequence(low, 1u);
        var next = new Vector<uint>((uint)width);
        var salt = new Vector<uint>(high);
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(numbers);
        foreach (ref Vector<float> vector in vectors)
        {
            vector = of.Hash(Hash(place, salt));
            place += next;
        }
        Span<float> rest = numbers[(vectors.Length * width)..];
        Vector<float> last = of.Hash(Hash(place, salt));
        for (int i = 0; i < rest.Length; i++)
        {
            rest[i] = last[i];
        }
    }

    private static uint Threshold(double share) => (uint)Math.Min(uint.MaxValue, share * 4294967296.0);

    // Wellons' lowbias32, salted: a permutation of 32 bits whose output bits each depend evenly on all input bits.
    private static Vector<uint> Hash(Vector<uint> x, Vector<uint> salt)
    {
        x ^= x >>> 16;
        x *= First;
        x ^= salt;
        x ^= x >>> 15;
        x *= Second;
        return x ^ (x >>> 16);
    }

    // The same in int64, where products that overflow keep the low bits that are wanted.
    internal static Tensor Hash(ReadOnlySpan<long> shape, Device device, ulong key, ReadOnlySpan<long> rows = default)
    {
        using var scope = NewDisposeScope();
        long count = 1;
        foreach (long size in shape)
        {
            count *= size;
        }
        Tensor bits = Alone(uint.MaxValue); // ()
        Tensor x = Places(count, device, rows).AddNumberInPlace((long)(uint)key); // (N)
        x.bitwise_and_(bits);
        x.bitwise_xor_(Shifted(x, 16));
        x.mul_(Alone(First)).bitwise_and_(bits);
        x.bitwise_xor_(Alone((uint)(key >> 32)));
        x.bitwise_xor_(Shifted(x, 15));
        x.mul_(Alone(Second)).bitwise_and_(bits);
        x.bitwise_xor_(Shifted(x, 16));
        return x.view(shape.ToArray()).MoveToOuterDisposeScope();
    }

    // The places of numbers in the whole: (N).
    private static Tensor Places(long count, Device device, ReadOnlySpan<long> rows)
    {
        if (rows.IsEmpty)
        {
            return TensorArithmetic.Counting(count, device);
        }
        long width = count / rows.Length;
        if (RunAt(rows, 0) == rows.Length)
        {
            return TensorArithmetic.Counting(count, device).AddNumberInPlace(rows[0] * width);
        }
        long[] firsts = new long[rows.Length];
        for (int i = 0; i < firsts.Length; i++)
        {
            firsts[i] = rows[i] * width;
        }
        return DeviceMemory
            .Upload(device, firsts)[0]
            .unsqueeze(1)
            .Plus(TensorArithmetic.Counting(width, device))
            .view(-1);
    }

    private static Tensor Shifted(Tensor x, uint by) => x.bitwise_right_shift(Alone(by));

    // On the CPU: beside a tensor of another device libtorch takes one number from there without a copy of its own.
    private static Tensor Alone(uint value) => tensor((long)value); // ()

    // A struct, so that the loop over vectors has it inside.
    private interface INumbersOf
    {
        Vector<float> Hash(Vector<uint> hash);
    }

    private readonly struct MaskOf(Vector<uint> threshold, Vector<float> kept) : INumbersOf
    {
        public Vector<float> Hash(Vector<uint> hash) =>
            Vector.BitwiseAnd(kept, Vector.As<uint, float>(Vector.GreaterThanOrEqual(hash, threshold)));
    }

    private readonly struct UniformOf(Vector<float> half, Vector<float> step) : INumbersOf
    {
        public Vector<float> Hash(Vector<uint> hash) =>
            (Vector.ConvertToSingle(Vector.As<uint, int>(hash >>> 8)) + half) * step;
    }
}
