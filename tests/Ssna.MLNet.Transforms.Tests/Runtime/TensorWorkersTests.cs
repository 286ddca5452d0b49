using System.Collections.Concurrent;
using TorchSharp;

namespace Ssna.MLNet.Runtime;

[TestClass]
[DoNotParallelize]
public sealed class TensorWorkersTests
{
    [TestMethod]
    [DataRow(0, 3)]
    [DataRow(1, 3)]
    [DataRow(2, 3)]
    [DataRow(50, 1)]
    [DataRow(50, 3)]
    public void Every_item_is_computed_once_and_taken_on_the_calling_thread(int items, int threads)
    {
        var taken = new List<(int, int)>();
        var callers = new HashSet<int>();
        TensorWorkers.Run(
            [.. Enumerable.Range(0, items)],
            threads,
            item => item * item,
            (item, result) =>
            {
                taken.Add((item, result));
                _ = callers.Add(Environment.CurrentManagedThreadId);
            }
        );
        taken.Sort();
        CollectionAssert.AreEqual(Enumerable.Range(0, items).Select(i => (i, i * i)).ToArray(), taken);
        Assert.IsTrue(callers.All(id => id == Environment.CurrentManagedThreadId));
    }

    [TestMethod]
    [DataRow(8, 2, 1)]
    [DataRow(3, 6, 2)]
    [DataRow(1, 6, null)] // the calling thread, as it is
    public void Tensor_threads_are_shared_out(int items, int threads, int? each)
    {
        int before = torch.get_num_threads();
        var found = new ConcurrentBag<int>();
        TensorWorkers.Run(
            [.. Enumerable.Range(0, items)],
            threads,
            _ =>
            {
                found.Add(torch.get_num_threads());
                return 0;
            },
            (_, _) => { }
        );
        Assert.IsTrue(found.All(count => count == (each ?? before)), string.Join(", ", found));
        Assert.AreEqual(before, torch.get_num_threads());
        int ofNewThread = 0;
        var thread = new Thread(() => ofNewThread = torch.get_num_threads());
        thread.Start();
        thread.Join();
        Assert.AreEqual(before, ofNewThread, "threads that come later");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void What_the_computation_throws_ends_the_work(int threads)
    {
        int computed = 0;
        InvalidDataException thrown = Assert.ThrowsExactly<InvalidDataException>(() =>
            TensorWorkers.Run(
                [.. Enumerable.Range(0, 10_000)],
                threads,
                item =>
                {
                    _ = Interlocked.Increment(ref computed);
                    return item == 5 ? throw new InvalidDataException("item 5") : item;
                },
                (_, _) => { }
            )
        );
        Assert.AreEqual("item 5", thrown.Message);
        Assert.IsLessThan(10_000, computed);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void What_the_taker_throws_ends_the_work(int threads)
    {
        int taken = 0;
        int computed = 0;
        _ = Assert.ThrowsExactly<OperationCanceledException>(() =>
            TensorWorkers.Run(
                [.. Enumerable.Range(0, 10_000)],
                threads,
                item => Interlocked.Increment(ref computed),
                (_, _) =>
                {
                    if (++taken == 3)
                    {
                        throw new OperationCanceledException();
                    }
                }
            )
        );
        Assert.AreEqual(3, taken);
        Assert.IsLessThan(10_000, computed);
    }
}
