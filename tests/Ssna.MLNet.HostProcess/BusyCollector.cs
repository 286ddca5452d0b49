using System.Globalization;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.HostProcess;

/// <summary>Computes with numbers beside tensors while other threads collect garbage, on more threads than there are cores.</summary>
internal static class BusyCollector
{
    private const int Collectors = 2;

    /// <summary>Prints how many computations failed, and how many gave other bits than one on a quiet thread.</summary>
    /// <param name="arithmetic">"library", or "plain" for TorchSharp's own operators, which shows the fault.</param>
    /// <param name="rounds">Computations a thread.</param>
    public static int Run(string arithmetic, int rounds)
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1); // of OpenMP: the threads here are enough
        Func<Tensor, Tensor, Tensor> compute = arithmetic == "library" ? Library : Plain;
        float[] expected = Bits(Library);
        int threads = 4 * Environment.ProcessorCount;
        int failed = 0;
        int differ = 0;
        var messages = new HashSet<string>();
        using var done = new CancellationTokenSource();
        Thread[] collectors = [.. Enumerable.Range(0, Collectors).Select(_ => Start(() => Collect(done.Token)))];
        Thread[] workers =
        [
            .. Enumerable
                .Range(0, threads)
                .Select(_ =>
                    Start(() =>
                    {
                        for (int i = 0; i < rounds; i++)
                        {
                            try
                            {
                                if (!Bits(compute).AsSpan().SequenceEqual(expected))
                                {
                                    Interlocked.Increment(ref differ);
                                }
                            }
                            catch (Exception error)
                            {
                                Interlocked.Increment(ref failed);
                                lock (messages)
                                {
                                    messages.Add(error.Message.Split('\n')[0]);
                                }
                            }
                        }
                    })
                ),
        ];
        Array.ForEach(workers, thread => thread.Join());
        done.Cancel();
        Array.ForEach(collectors, thread => thread.Join());
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{threads * rounds} computed, {failed} failed, {differ} differ"
            )
        );
        foreach (string message in messages)
        {
            Console.Error.WriteLine(message);
        }
        return 0;
    }

    /// <summary>Whether TorchSharp's own operators, where nothing collects, give the library's bits.</summary>
    public static int Compare()
    {
        TorchRuntime.EnsureLoaded();
        // Held off, not likely: the budget is far more than two computations allocate.
        bool held = GC.TryStartNoGCRegion(1 << 20);
        bool same = Bits(Plain).AsSpan().SequenceEqual(Bits(Library));
        Console.WriteLine(held && same ? "same" : $"held {held}, same {same}");
        return 0;
    }

    private static float[] Bits(Func<Tensor, Tensor, Tensor> compute)
    {
        using var scope = NewDisposeScope();
        Tensor x = linspace(-3, 3, 24, ScalarType.Float32).view(4, 6); // (4, 6)
        Tensor y = linspace(1, 2, 24, ScalarType.Float32).view(4, 6); // (4, 6)
        return compute(x, y).data<float>().ToArray();
    }

    private static Tensor Library(Tensor x, Tensor y)
    {
        Tensor sum = x.Plus(y).PlusNumber(0.25f).Times(0.5f).Over(3L); // (4, 6)
        sum.AddInPlace(y).AddInPlace(x, 0.1f).AddNumberInPlace(1e-8f).MultiplyInPlace(0.9f).SubtractInPlace(0.3f);
        sum = sum.PlusProduct(x, y, -1).AtLeast(1e-12).Softplus(); // (4, 6)
        sum.AddProductInPlace(y, y, 0.001f).AddQuotientInPlace(x, y, -0.01f).DivideInPlace(7L);
        Tensor mask = TensorArithmetic.Counting(6).Differs(2); // (6)
        return sum.Masked(mask.logical_not(), 0)
            .MaskInPlace(mask.logical_not(), -1)
            .Plus(TensorArithmetic.Filled([4, 6], 0.125f, ScalarType.Float32)); // (4, 6)
    }

    private static Tensor Plain(Tensor x, Tensor y)
    {
        Tensor sum = (x + y + 0.25f) * 0.5f / 3L; // (4, 6)
        sum.add_(y).add_(x, alpha: 0.1f).add_(1e-8f).mul_(0.9f).sub_(0.3f);
        sum = sum.addcmul(x, y, -1).clamp_min(1e-12).softplus(1, 20); // (4, 6)
        sum.addcmul_(y, y, 0.001f).addcdiv_(x, y, -0.01f).div_(7L);
        Tensor mask = arange(6, ScalarType.Int64).ne(2); // (6)
        return sum.masked_fill(mask.logical_not(), 0).masked_fill_(mask.logical_not(), -1)
            + full([4, 6], 0.125f, ScalarType.Float32); // (4, 6)
    }

    private static void Collect(CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static Thread Start(ThreadStart work)
    {
        var thread = new Thread(work);
        thread.Start();
        return thread;
    }
}
