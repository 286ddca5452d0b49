using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Ssna.MLNet.Model;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Ssna.MLNet.Scoring;

/// <summary>
/// Products of float32 users with int8 items in the CPU's memory: users are rounded to 16 bits with a scale each, and whole
/// products summed without rounding.
/// </summary>
internal static unsafe class Int8Products
{
    private const int ItemsAtOnce = 64; // small enough to stay in the first cache while all users meet them
    private const int ItemsOfTask = 1024;
    private const long SerialProducts = 1 << 23; // less work than this is not worth a second thread

    /// <summary>users (items scales)^T.</summary>
    /// <param name="users">(B, d).</param>
    /// <param name="items">int8, its rows side by side: (N, d).</param>
    /// <param name="scales">(N, 1).</param>
    /// <returns>(B, N).</returns>
    public static Tensor Multiply(Tensor users, Tensor items, Tensor scales)
    {
        (int userCount, int count, int width) = ((int)users.shape[0], (int)items.shape[0], (int)items.shape[1]);
        Tensor products = empty(userCount, count, ScalarType.Float32); // (B, N)
        if (userCount == 0 || count == 0)
        {
            return products;
        }
        using Tensor local = users.contiguous(); // (B, d)
        var whole = new short[userCount * width];
        var userScales = new float[userCount];
        Round(MemoryMarshal.Cast<byte, float>(local.bytes), whole, userScales, width);
        var work = new Work(
            whole,
            userScales,
            width,
            (sbyte*)FloatRows.AddressOf(items),
            (float*)FloatRows.AddressOf(scales),
            (float*)FloatRows.AddressOf(products),
            count
        );
        int tasks = (count + ItemsOfTask - 1) / ItemsOfTask;
        int threads = (long)userCount * count * width <= SerialProducts ? 1 : get_num_threads();
        Parallel.For(0, tasks, new ParallelOptions { MaxDegreeOfParallelism = threads }, work.Run);
        return products;
    }

    private static void Round(ReadOnlySpan<float> users, Span<short> whole, Span<float> scales, int width)
    {
        // A sum of width products with int8 numbers then fits 32 bits.
        int largest = Math.Min(short.MaxValue, int.MaxValue / 128 / width);
        for (int user = 0; user < scales.Length; user++)
        {
            ReadOnlySpan<float> row = users.Slice(user * width, width);
            float scale = Math.Abs(TensorPrimitives.MaxMagnitude(row)) / largest;
            scales[user] = scale;
            for (int i = 0; i < width; i++)
            {
                whole[(user * width) + i] = scale == 0 ? (short)0 : (short)MathF.Round(row[i] / scale);
            }
        }
    }

    private sealed class Work(
        short[] users,
        float[] userScales,
        int width,
        sbyte* items,
        float* scales,
        float* products,
        int count
    )
    {
        public void Run(int task)
        {
            Span<int> sums = stackalloc int[4];
            int end = Math.Min(count, (task + 1) * ItemsOfTask);
            fixed (short* first = users)
            {
                for (int from = task * ItemsOfTask; from < end; from += ItemsAtOnce)
                {
                    int to = Math.Min(end, from + ItemsAtOnce);
                    for (int user = 0; user < userScales.Length; user += 4)
                    {
                        int together = Math.Min(4, userScales.Length - user);
                        short* u = first + (user * width);
                        for (int item = from; item < to; item++)
                        {
                            sbyte* v = items + ((long)item * width);
                            if (together == 4)
                            {
                                Sum4(v, u, width, sums);
                            }
                            else
                            {
                                for (int i = 0; i < together; i++)
                                {
                                    sums[i] = Sum(v, u + (i * width), width);
                                }
                            }
                            for (int i = 0; i < together; i++)
                            {
                                products[((long)(user + i) * count) + item] =
                                    sums[i] * (userScales[user + i] * scales[item]);
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>The products of an item with four users, whose item is widened once.</summary>
    private static void Sum4(sbyte* item, short* users, int width, Span<int> sums)
    {
        int done = 0;
        if (Avx512BW.IsSupported)
        {
            Vector512<int> a = default,
                b = default,
                c = default,
                d = default;
            for (; done + 32 <= width; done += 32)
            {
                Vector512<short> v = Avx512BW.ConvertToVector512Int16(Vector256.Load(item + done));
                a += Avx512BW.MultiplyAddAdjacent(v, Vector512.Load(users + done));
                b += Avx512BW.MultiplyAddAdjacent(v, Vector512.Load(users + width + done));
                c += Avx512BW.MultiplyAddAdjacent(v, Vector512.Load(users + (2 * width) + done));
                d += Avx512BW.MultiplyAddAdjacent(v, Vector512.Load(users + (3 * width) + done));
            }
            (sums[0], sums[1], sums[2], sums[3]) = (
                Vector512.Sum(a),
                Vector512.Sum(b),
                Vector512.Sum(c),
                Vector512.Sum(d)
            );
        }
        else
        {
            Vector256<int> a = default,
                b = default,
                c = default,
                d = default;
            for (; done + 16 <= width; done += 16)
            {
                Vector256<short> v = Widen(Vector128.Load(item + done));
                a += MultiplyAdd(v, Vector256.Load(users + done));
                b += MultiplyAdd(v, Vector256.Load(users + width + done));
                c += MultiplyAdd(v, Vector256.Load(users + (2 * width) + done));
                d += MultiplyAdd(v, Vector256.Load(users + (3 * width) + done));
            }
            (sums[0], sums[1], sums[2], sums[3]) = (
                Vector256.Sum(a),
                Vector256.Sum(b),
                Vector256.Sum(c),
                Vector256.Sum(d)
            );
        }
        for (; done < width; done++)
        {
            for (int user = 0; user < 4; user++)
            {
                sums[user] += item[done] * users[(user * width) + done];
            }
        }
    }

    private static int Sum(sbyte* item, short* user, int width)
    {
        Vector256<int> a = default,
            b = default;
        int done = 0;
        for (; done + 32 <= width; done += 32)
        {
            a += MultiplyAdd(Widen(Vector128.Load(item + done)), Vector256.Load(user + done));
            b += MultiplyAdd(Widen(Vector128.Load(item + done + 16)), Vector256.Load(user + done + 16));
        }
        int sum = Vector256.Sum(a + b);
        for (; done < width; done++)
        {
            sum += item[done] * user[done];
        }
        return sum;
    }

    private static Vector256<short> Widen(Vector128<sbyte> values) => Vector256.WidenLower(values.ToVector256Unsafe());

    /// <summary>Products, added up in any way that keeps their total.</summary>
    private static Vector256<int> MultiplyAdd(Vector256<short> a, Vector256<short> b) =>
        Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(a, b)
            : (Vector256.WidenLower(a) * Vector256.WidenLower(b)) + (Vector256.WidenUpper(a) * Vector256.WidenUpper(b));
}
