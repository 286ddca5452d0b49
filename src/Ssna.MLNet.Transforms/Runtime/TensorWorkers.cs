using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// Computes pieces that do not depend on one another side by side, each on a thread of its own, where tensors wait for no
/// other thread.
/// </summary>
internal static class TensorWorkers
{
    /// <summary>Computes every item and hands over the results, on the calling thread, in the order in which they come.</summary>
    /// <param name="items">The pieces.</param>
    /// <param name="threads">Tensor threads for all of it; more than there are items are shared out among them.</param>
    /// <param name="compute">Called on several threads at once.</param>
    /// <param name="take">Called on this thread. What it throws ends the work, as does what <paramref name="compute"/> throws.</param>
    public static void Run<TItem, TResult>(
        IReadOnlyList<TItem> items,
        int threads,
        Func<TItem, TResult> compute,
        Action<TItem, TResult> take
    )
    {
        int count = Math.Min(threads, items.Count);
        if (count <= 1)
        {
            foreach (TItem item in items)
            {
                take(item, compute(item));
            }
            return;
        }
        using var results = new BlockingCollection<(TItem, TResult)>(count);
        using var stop = new CancellationTokenSource();
        using var ready = new CountdownEvent(count);
        ExceptionDispatchInfo? fault = null;
        int next = -1;
        int working = count;
        Thread[] workers =
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new Thread(Work) { IsBackground = true, Name = $"Ssna.MLNet tensors {i}" }),
        ];
        Array.ForEach(workers, worker => worker.Start());
        try
        {
            ready.Wait();
            TensorThreads.Restate();
            foreach ((TItem item, TResult result) in results.GetConsumingEnumerable())
            {
                take(item, result);
            }
        }
        finally
        {
            stop.Cancel();
            Array.ForEach(workers, worker => worker.Join());
        }
        fault?.Throw();

        void Work()
        {
            try
            {
                try
                {
                    TensorThreads.SetForThisThread(threads / count);
                }
                finally
                {
                    ready.Signal();
                }
                for (
                    int i = Interlocked.Increment(ref next);
                    i < items.Count && !stop.IsCancellationRequested;
                    i = Interlocked.Increment(ref next)
                )
                {
                    results.Add((items[i], compute(items[i])), stop.Token);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
            catch (Exception error)
            {
                _ = Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(error), null);
                stop.Cancel();
            }
            finally
            {
                if (Interlocked.Decrement(ref working) == 0)
                {
                    results.CompleteAdding();
                }
            }
        }
    }
}
