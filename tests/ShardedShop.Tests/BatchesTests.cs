using ShardedShop.Serving;

namespace ShardedShop.Tests;

[TestClass]
public sealed class BatchesTests
{
    [TestMethod]
    public async Task Requests_that_arrive_while_others_are_answered_go_together()
    {
        var first = new TaskCompletionSource();
        var sizes = new List<int>();
        var batches = new Batches<int, int>(async requests =>
        {
            sizes.Add(requests.Length);
            await first.Task;
            return Array.ConvertAll(requests, request => 10 * request);
        });
        Task<int> alone = batches.AskAsync(0);
        while (sizes.Count == 0)
        {
            await Task.Yield();
        }
        Task<int>[] others = [.. Enumerable.Range(1, 5).Select(batches.AskAsync)];
        first.SetResult();
        Assert.AreEqual(0, await alone);
        CollectionAssert.AreEqual(new[] { 10, 20, 30, 40, 50 }, await Task.WhenAll(others));
        CollectionAssert.AreEqual(new[] { 1, 5 }, sizes);
    }

    [TestMethod]
    public async Task What_fails_fails_for_its_batch_alone_and_more_than_may_wait_are_refused()
    {
        var first = new TaskCompletionSource<int[]>();
        Task<int[]> answer = first.Task;
        var batches = new Batches<int, int>(_ => answer, capacity: 1);
        Task<int> running = batches.AskAsync(0);
        Task<int>? waiting = null;
        while (waiting is null)
        {
            try
            {
                waiting = batches.AskAsync(1); // refused until the first has been taken
            }
            catch (UnavailableException) { }
        }
        StringAssert.Contains(
            Assert
                .Throws<UnavailableException>(() =>
                {
                    _ = batches.AskAsync(2);
                })
                .Message,
            "1 requests wait"
        );
        answer = Task.FromResult(new[] { 7 });
        first.SetException(new InvalidOperationException("no"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => running);
        Assert.AreEqual(7, await waiting);
        Assert.AreEqual(7, await batches.AskAsync(3));
    }
}
