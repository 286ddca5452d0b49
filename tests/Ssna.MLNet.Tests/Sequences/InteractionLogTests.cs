using System.Collections;
using System.Reflection;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Tests.Sequences;

[TestClass]
public class InteractionLogTests
{
    private const int Interactions = 1_000_000;

    [TestMethod]
    public void Sixteen_bytes_hold_an_interaction_while_reading_and_four_afterwards()
    {
        const int users = 20_000;
        const long slack = 4 * 4 * (1 << 14) * sizeof(long); // a last block not full in each list
        var log = new InteractionLog(hasTimes: true);
        for (int i = 0; i < Interactions; i++)
        {
            int user = i < users ? i : (int)(i * 7919L % users);
            log.Add(user, i % 100, Interactions - i);
        }
        long reading = ArrayBytes(log, []);
        Assert.IsLessThanOrEqualTo((16L * Interactions) + (sizeof(int) * users) + slack, reading);

        InteractionSequences sequences = log.Group(100, keepRepeated: true, splitTime: null, default);
        Assert.HasCount(Interactions, sequences.Items);
        long held = ArrayBytes(sequences, []);
        Assert.AreEqual((sizeof(int) * (long)Interactions) + (sizeof(int) * (users + 1)), held);
        // What grouping holds at its end: the log without times, and the result.
        Assert.IsLessThanOrEqualTo(
            (16L * Interactions) + (2 * sizeof(int) * (users + 1)) + slack,
            held + ArrayBytes(log, [])
        );
    }

    [TestMethod]
    public void Grouping_allocates_no_more_than_its_result_and_one_users_interactions()
    {
        const int users = 1000;
        var log = new InteractionLog(hasTimes: true);
        for (int i = 0; i < Interactions; i++)
        {
            log.Add(i % users, i % 100, -i);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        log.Group(100, keepRepeated: false, splitTime: null, default);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsLessThanOrEqualTo(sizeof(int) * (long)Interactions + 400_000, allocated);
    }

    [TestMethod]
    public void Sequences_split_at_the_first_item_of_the_moment()
    {
        var log = new InteractionLog(hasTimes: true);
        log.Add(0, 5, 30);
        log.Add(1, 6, 10);
        log.Add(0, 7, 20);
        log.Add(0, 8, 20);
        log.Add(0, 9, 10);
        InteractionSequences sequences = log.Group(10, keepRepeated: false, splitTime: 20, default);
        CollectionAssert.AreEqual(new[] { 9, 7, 8, 5, 6 }, sequences.Items);
        CollectionAssert.AreEqual(new[] { 0, 4, 5 }, sequences.Offsets);
        CollectionAssert.AreEqual(new[] { 1, 5 }, sequences.Splits);
    }

    /// <summary>The bytes of all arrays of numbers that an object holds, itself or through objects of its own.</summary>
    private static long ArrayBytes(object? holder, HashSet<object> seen)
    {
        if (holder is null || holder.GetType().IsPrimitive || !seen.Add(holder))
        {
            return 0;
        }
        if (holder is Array array)
        {
            return array.GetType().GetElementType()!.IsPrimitive
                ? Buffer.ByteLength(array)
                : ((IEnumerable)array).Cast<object?>().Sum(element => ArrayBytes(element, seen));
        }
        return holder
            .GetType()
            .GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Sum(field => ArrayBytes(field.GetValue(holder), seen));
    }
}
