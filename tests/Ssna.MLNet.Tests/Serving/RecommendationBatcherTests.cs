using System.Collections.Concurrent;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Tests.Serving;

[TestClass]
public sealed class RecommendationBatcherTests
{
    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public async Task Each_request_gets_what_it_would_get_alone()
    {
        using var batcher = new RecommendationBatcher(Model);
        (string[] History, int? K, string[]? Allow, string[]? Deny, bool? Exclude)[] asked =
        [
            .. Enumerable
                .Range(0, 200)
                .Select(i =>
                    (
                        RingShop.Walk(i, i % 12).Select(RingShop.Id<string>).Append("no such item").ToArray(),
                        i % 3 == 0 ? null : (int?)(i % 7),
                        i % 5 == 0 ? RingShop.Walk(i, 20).Select(RingShop.Id<string>).ToArray() : null,
                        i % 4 == 0 ? RingShop.Walk(i + 5, 9).Reverse().Select(RingShop.Id<string>).ToArray() : null,
                        i % 2 == 0 ? null : (bool?)(i % 6 == 1)
                    )
                ),
        ];
        IReadOnlyList<ScoredItem<string>>[] answers = await Task.WhenAll(
            asked.Select(ask =>
                Task.Run(() => batcher.RecommendAsync(ask.History, ask.K, ask.Allow, ask.Deny, ask.Exclude))
            )
        );
        for (int i = 0; i < asked.Length; i++)
        {
            (string[] history, int? k, string[]? allow, string[]? deny, bool? exclude) = asked[i];
            IReadOnlyList<ScoredItem<string>> alone = Model.Recommend(history, k, allow, deny, exclude);
            CollectionAssert.AreEqual(Ids(alone), Ids(answers[i]), $"request {i}");
            for (int place = 0; place < alone.Count; place++)
            {
                Assert.AreEqual(alone[place].Score, answers[i][place].Score, 1e-5f);
            }
        }
    }

    [TestMethod]
    public async Task Requests_that_wait_together_are_one_batch_of_at_most_the_size_given()
    {
        using var gate = new Gate();
        using var batcher = new RecommendationBatcher(Model, gate.Rank, maximumBatchSize: 5, queueCapacity: 100);
        Task first = batcher.RecommendAsync(["item01"]);
        gate.WaitUntilAtWork();
        Task[] waiting = [.. Enumerable.Range(0, 8).Select(i => batcher.RecommendAsync([RingShop.Id<string>(i)]))];
        gate.Open();
        await Task.WhenAll([first, .. waiting]);
        CollectionAssert.AreEqual(new[] { 1, 5, 3 }, gate.Batches.ToArray());
    }

    [TestMethod]
    public async Task A_request_that_is_cancelled_waits_no_longer_and_is_not_scored()
    {
        using var gate = new Gate();
        using var batcher = new RecommendationBatcher(Model, gate.Rank, 10, 100);
        using var atWork = new CancellationTokenSource();
        using var waiting = new CancellationTokenSource();
        Task first = batcher.RecommendAsync(["item01"], cancellationToken: atWork.Token);
        gate.WaitUntilAtWork();
        Task second = batcher.RecommendAsync(["item02"], cancellationToken: waiting.Token);
        Task<IReadOnlyList<ScoredItem<string>>> third = batcher.RecommendAsync(["item03"]);
        waiting.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(() => second);
        atWork.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(() => first);
        gate.Open();
        Assert.HasCount(5, await third);
        CollectionAssert.AreEqual(new[] { 1, 1 }, gate.Batches.ToArray());
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            batcher.RecommendAsync(["item02"], cancellationToken: waiting.Token)
        );
    }

    [TestMethod]
    public async Task A_request_that_cannot_be_served_fails_alone()
    {
        using var gate = new Gate { Refuse = request => request.Count == 3 };
        using var batcher = new RecommendationBatcher(Model, gate.Rank, 10, 100);
        Task first = batcher.RecommendAsync(["item01"]);
        gate.WaitUntilAtWork();
        Task<IReadOnlyList<ScoredItem<string>>>[] waiting =
        [
            .. Enumerable.Range(1, 5).Select(k => batcher.RecommendAsync(["item02"], k)),
        ];
        // What is wrong with the request itself never comes into the queue.
        await Assert.ThrowsAsync<ArgumentException>(() => batcher.RecommendAsync([7]));
        await Assert.ThrowsAsync<ArgumentException>(() => batcher.RecommendAsync(["item02", null!]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => batcher.RecommendAsync(["item02"], -1));
        gate.Open();
        await first;
        for (int k = 1; k <= 5; k++)
        {
            if (k == 3)
            {
                var error = await Assert.ThrowsAsync<NotSupportedException>(() => waiting[k - 1]);
                Assert.AreEqual("three", error.Message);
            }
            else
            {
                Assert.HasCount(k, await waiting[k - 1]);
            }
        }
    }

    [TestMethod]
    public async Task A_request_beyond_those_that_may_wait_is_refused()
    {
        using var gate = new Gate();
        using var batcher = new RecommendationBatcher(Model, gate.Rank, 10, queueCapacity: 2);
        Task first = batcher.RecommendAsync(["item01"]);
        gate.WaitUntilAtWork();
        Task[] waiting = [batcher.RecommendAsync(["item02"]), batcher.RecommendAsync(["item03"])];
        var error = await Assert.ThrowsAsync<RecommendationQueueFullException>(() =>
            batcher.RecommendAsync(["item04"])
        );
        StringAssert.Contains(error.Message, "2 waiting");
        gate.Open();
        await Task.WhenAll([first, .. waiting]);
        Assert.HasCount(5, await batcher.RecommendAsync(["item04"]));
    }

    [TestMethod]
    public async Task Disposal_serves_those_that_wait_and_refuses_later_ones()
    {
        using var gate = new Gate();
        var batcher = new RecommendationBatcher(Model, gate.Rank, 10, 100);
        Task first = batcher.RecommendAsync(["item01"]);
        gate.WaitUntilAtWork();
        Task<IReadOnlyList<ScoredItem<string>>> second = batcher.RecommendAsync(["item02"]);
        Task disposed = batcher.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RecommendAsync(["item03"]));
        Assert.IsFalse(disposed.IsCompleted);
        gate.Open();
        await disposed;
        Assert.IsTrue(first.IsCompletedSuccessfully || await Ended(first));
        Assert.HasCount(5, await second);
        batcher.Dispose();

        static async Task<bool> Ended(Task task)
        {
            await task;
            return true;
        }
    }

    [TestMethod]
    public async Task Requests_that_wait_are_answered_by_a_model_that_was_disposed_of_meanwhile()
    {
        SsnaTransformer model = Model.WithoutItems(["item07"]);
        using var gate = new Gate(model);
        using var batcher = new RecommendationBatcher(model, gate.Rank, 10, 100);
        Task<IReadOnlyList<ScoredItem<string>>> first = batcher.RecommendAsync(["item01"]);
        gate.WaitUntilAtWork();
        Task<IReadOnlyList<ScoredItem<string>>> second = batcher.RecommendAsync(["item02"]);
        model.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RecommendAsync(["item03"]));
        gate.Open();
        Assert.HasCount(5, await first);
        Assert.HasCount(5, await second);
    }

    [TestMethod]
    public void Sizes_below_one_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecommendationBatcher(Model, maximumBatchSize: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecommendationBatcher(Model, queueCapacity: 0));
        Assert.Throws<ArgumentNullException>(() => new RecommendationBatcher(null!));
    }

    private static string[] Ids(IReadOnlyList<ScoredItem<string>> items) => [.. items.Select(item => item.Item)];

    /// <summary>Ranks as the model does, once it is open; until then the first batch is at work.</summary>
    private sealed class Gate(SsnaTransformer? model = null) : IDisposable
    {
        private readonly SsnaTransformer _model = model ?? Model;
        private readonly ManualResetEventSlim _atWork = new();
        private readonly ManualResetEventSlim _open = new();

        /// <summary>The sizes of the batches, in their order, as the batcher asked for them first.</summary>
        public ConcurrentQueue<int> Batches { get; } = new();

        public Func<RankingRequest, bool>? Refuse { get; init; }

        public BestItems[] Rank(IReadOnlyList<RankingRequest> requests)
        {
            Batches.Enqueue(requests.Count);
            _atWork.Set();
            _open.Wait();
            return Refuse is { } refuse && requests.Any(refuse)
                ? throw new NotSupportedException("three")
                : _model.Rank(requests);
        }

        public void WaitUntilAtWork() => _atWork.Wait();

        public void Open() => _open.Set();

        public void Dispose()
        {
            _open.Set();
            _atWork.Dispose();
        }
    }
}
