using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Transforms.Tests.Runtime;

[TestClass]
public sealed class LifetimeTests
{
    private int _freed;

    private Lifetime Create() => new(typeof(LifetimeTests), () => Interlocked.Increment(ref _freed));

    [TestMethod]
    public void Memory_that_nobody_uses_is_freed_at_once_and_once()
    {
        Lifetime lifetime = Create();
        lifetime.Begin().Dispose();
        Assert.AreEqual(0, _freed);
        lifetime.End();
        lifetime.End();
        Assert.AreEqual(1, _freed);
    }

    [TestMethod]
    public void Memory_in_use_is_freed_when_the_last_use_ends()
    {
        Lifetime lifetime = Create();
        Lifetime.Use first = lifetime.Begin();
        Lifetime.Use second = lifetime.Begin();
        lifetime.End();
        first.Dispose();
        first.Dispose(); // a use ends once
        Assert.AreEqual(0, _freed);
        second.Dispose();
        Assert.AreEqual(1, _freed);
    }

    [TestMethod]
    public void A_use_after_the_end_is_refused_by_the_owners_name()
    {
        Lifetime lifetime = Create();
        using Lifetime.Use use = lifetime.Begin();
        lifetime.End();
        ObjectDisposedException refused = Assert.ThrowsExactly<ObjectDisposedException>(() => lifetime.Begin());
        StringAssert.Contains(refused.ObjectName, nameof(LifetimeTests));
    }

    [TestMethod]
    public void Threads_that_begin_while_one_ends_never_meet_freed_memory()
    {
        for (int round = 0; round < 200; round++)
        {
            int freed = 0;
            var lifetime = new Lifetime(typeof(LifetimeTests), () => Interlocked.Increment(ref freed));
            using var start = new Barrier(5);
            Parallel.For(
                0,
                5,
                new ParallelOptions { MaxDegreeOfParallelism = 5 },
                thread =>
                {
                    // Where the pool has fewer threads they come late, which is a round of another order.
                    start.SignalAndWait(TimeSpan.FromMilliseconds(5));
                    if (thread == 0)
                    {
                        lifetime.End();
                        return;
                    }
                    for (int i = 0; i < 50 && !lifetime.HasEnded; i++)
                    {
                        try
                        {
                            using Lifetime.Use use = lifetime.Begin();
                            Assert.AreEqual(0, Volatile.Read(ref freed));
                        }
                        catch (ObjectDisposedException)
                        {
                            break;
                        }
                    }
                }
            );
            Assert.AreEqual(1, freed);
        }
    }
}
