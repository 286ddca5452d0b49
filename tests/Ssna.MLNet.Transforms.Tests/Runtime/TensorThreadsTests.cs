using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Ssna.MLNet.Transforms.Tests.Runtime;

[TestClass]
public sealed class TensorThreadsTests
{
    private static int s_before;

    [ClassInitialize]
    public static void Load(TestContext _)
    {
        TorchRuntime.EnsureLoaded();
        s_before = torch.get_num_threads();
    }

    [TestMethod]
    public void Uses_that_overlap_on_two_threads_leave_the_number_before_them_whichever_ends_first()
    {
        foreach (bool firstEndsFirst in (bool[])[true, false])
        {
            TensorThreads first = TensorThreads.Use(s_before + 1);
            using var begun = new ManualResetEventSlim();
            using var mayEnd = new ManualResetEventSlim();
            int during = 0;
            int after = 0;
            // A thread of its own: libtorch gives the number to a thread when it first asks for it.
            var other = new Thread(() =>
            {
                using (TensorThreads.Use(s_before + 2))
                {
                    during = torch.get_num_threads();
                    begun.Set();
                    mayEnd.Wait();
                }
                after = torch.get_num_threads();
            });
            other.Start();
            begun.Wait(TestContext.CancellationToken);
            Assert.AreEqual(s_before + 2, during);
            if (firstEndsFirst)
            {
                first.Dispose();
                Assert.AreEqual(s_before, torch.get_num_threads(), "the first, once it has ended");
            }
            mayEnd.Set();
            other.Join();
            if (!firstEndsFirst)
            {
                first.Dispose();
            }
            Assert.AreEqual(s_before, after, "the other, once it has ended");
            Assert.AreEqual(s_before, torch.get_num_threads(), "the first");
            Assert.AreEqual(s_before, NumberOfANewThread(), "a new thread");
        }
    }

    [TestMethod]
    public void Uses_that_overlap_on_one_thread_leave_the_number_before_them()
    {
        TensorThreads first = TensorThreads.Use(s_before + 1);
        TensorThreads second = TensorThreads.Use(s_before + 2);
        first.Dispose();
        second.Dispose();
        Assert.AreEqual(s_before, torch.get_num_threads());
    }

    [TestMethod]
    public void No_number_leaves_it_as_it_is()
    {
        using (TensorThreads.Use(null))
        {
            Assert.AreEqual(s_before, torch.get_num_threads());
        }
        Assert.AreEqual(s_before, torch.get_num_threads());
    }

    public required TestContext TestContext { get; init; }

    private static int NumberOfANewThread()
    {
        int number = 0;
        var thread = new Thread(() => number = torch.get_num_threads());
        thread.Start();
        thread.Join();
        return number;
    }
}
