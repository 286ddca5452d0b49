using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Hosting.Tests;

[TestClass]
public sealed class SsnaRecommenderTests
{
    private static readonly string[] s_history = ["item04", "item05"];

    [TestMethod]
    public async Task It_recommends_what_the_model_of_the_file_does()
    {
        using var files = new ModelFiles();
        using SsnaRecommender recommender = Load(files);
        using SsnaTransformer model = SsnaTransformer.Load(new MLContext(), files.Path);
        IReadOnlyList<ScoredItem<string>> expected = model.Recommend(s_history, 7, deny: ["item06"]);
        IReadOnlyList<ScoredItem<string>> found = await recommender.RecommendAsync(s_history, 7, deny: ["item06"]);
        CollectionAssert.AreEqual(Ids(expected), Ids(found));
        Assert.AreEqual(RingShop.ItemCount, recommender.Status.ItemCount);
        Assert.IsNull(recommender.Status.Failure);
    }

    [TestMethod]
    public async Task A_model_that_was_replaced_goes_with_its_last_lease_and_not_before()
    {
        using var files = new ModelFiles();
        using SsnaRecommender recommender = Load(files);
        ModelLease first = recommender.Acquire();
        ModelLease second = recommender.Acquire();
        SsnaTransformer old = first.Model;
        Assert.AreSame(old, second.Model);

        files.Replace(ModelFiles.Smaller);
        await recommender.ReloadAsync();
        Assert.AreEqual(RingShop.ItemCount - 1, recommender.Status.ItemCount);
        Assert.HasCount(5, old.Recommend(s_history));
        Assert.HasCount(5, await first.Batcher.RecommendAsync(s_history));
        first.Dispose();
        first.Dispose();
        Assert.HasCount(5, old.Recommend(s_history));
        second.Dispose();
        Assert.Throws<ObjectDisposedException>(() => old.Recommend(s_history));
        using ModelLease now = recommender.Acquire();
        Assert.HasCount(5, now.Model.Recommend(s_history));
    }

    [TestMethod]
    public async Task No_request_fails_while_models_are_replaced_and_all_but_the_last_go()
    {
        using var files = new ModelFiles();
        using SsnaRecommender recommender = Load(files);
        using var stop = new CancellationTokenSource();
        Task<int>[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(CallAsync))];
        var served = new List<SsnaTransformer>();
        for (int i = 0; i < 12; i++)
        {
            using (ModelLease lease = recommender.Acquire())
            {
                served.Add(lease.Model);
            }
            files.Replace(i % 2 == 0 ? ModelFiles.Smaller : ModelFiles.Whole);
            await recommender.ReloadAsync();
        }
        stop.Cancel();
        int[] calls = await Task.WhenAll(callers);
        Assert.IsGreaterThan(4, calls.Sum());
        foreach (SsnaTransformer old in served)
        {
            Assert.Throws<ObjectDisposedException>(() => old.Recommend(s_history));
        }

        async Task<int> CallAsync()
        {
            int count = 0;
            while (!stop.IsCancellationRequested)
            {
                Assert.HasCount(5, await recommender.RecommendAsync(s_history));
                using ModelLease lease = recommender.Acquire();
                Assert.HasCount(5, lease.Model.Recommend(s_history));
                count++;
            }
            return count;
        }
    }

    [TestMethod]
    public async Task A_damaged_file_leaves_the_model_that_serves_and_is_logged_once()
    {
        using var files = new ModelFiles();
        var log = new CollectedLog();
        using SsnaRecommender recommender = Load(files, log: log);
        DateTimeOffset loaded = recommender.Status.LoadedAt;
        files.Replace(ModelFiles.Smaller[..(ModelFiles.Smaller.Length / 2)]);
        var error = await Assert.ThrowsAsync<FormatException>(() => recommender.ReloadAsync());
        StringAssert.Contains(error.Message, files.Path);
        await Assert.ThrowsAsync<FormatException>(() => recommender.ReloadAsync());
        Assert.AreEqual(1, log.Count(LogLevel.Error));
        StringAssert.Contains(log.Lines.Single(line => line.Level == LogLevel.Error).Message, files.Path);
        Assert.AreSame(typeof(FormatException), recommender.Status.Failure?.GetType());
        Assert.AreEqual(loaded, recommender.Status.LoadedAt);
        Assert.HasCount(5, await recommender.RecommendAsync(s_history));

        files.Replace(ModelFiles.Smaller);
        await recommender.ReloadAsync();
        Assert.IsNull(recommender.Status.Failure);
        Assert.AreEqual(RingShop.ItemCount - 1, recommender.Status.ItemCount);
    }

    [TestMethod]
    public async Task A_change_serves_until_the_file_is_loaded_again()
    {
        using var files = new ModelFiles();
        using SsnaRecommender recommender = Load(files);
        await recommender.ChangeAsync(model => model.WithoutItems(["item01", "item02"]));
        Assert.AreEqual(RingShop.ItemCount - 2, recommender.Status.ItemCount);
        await recommender.ChangeAsync(model => model);
        Assert.HasCount(5, await recommender.RecommendAsync(s_history));
        await Assert.ThrowsAsync<NotSupportedException>(() =>
            recommender.ChangeAsync(_ => throw new NotSupportedException())
        );
        Assert.AreEqual(RingShop.ItemCount - 2, recommender.Status.ItemCount);
        await recommender.ReloadAsync();
        Assert.AreEqual(RingShop.ItemCount, recommender.Status.ItemCount);
    }

    [TestMethod]
    public async Task What_is_prepared_is_prepared_with_every_model()
    {
        using var files = new ModelFiles();
        using SsnaRecommender recommender = Load(
            files,
            options => options.Prepare = model => model.WithItemPrecision(ItemPrecision.Int8)
        );
        foreach (byte[] next in new[] { ModelFiles.Smaller, ModelFiles.Whole })
        {
            using (ModelLease lease = recommender.Acquire())
            {
                Assert.AreEqual(ItemPrecision.Int8, lease.Model.ItemPrecision);
            }
            files.Replace(next);
            await recommender.ReloadAsync();
        }
    }

    [TestMethod]
    public async Task After_disposal_calls_in_flight_end_and_later_ones_are_refused()
    {
        using var files = new ModelFiles();
        SsnaRecommender recommender = Load(files);
        ModelLease lease = recommender.Acquire();
        recommender.Dispose();
        recommender.Dispose();
        Assert.HasCount(5, await lease.Batcher.RecommendAsync(s_history));
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lease.Model.Recommend(s_history));
        Assert.Throws<ObjectDisposedException>(recommender.Acquire);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => recommender.RecommendAsync(s_history));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => recommender.ReloadAsync());
    }

    [TestMethod]
    public void A_model_that_is_not_there_or_options_that_are_none_are_named()
    {
        using var files = new ModelFiles();
        string missing = files.Path + ".gone";
        var error = Assert.Throws<FileNotFoundException>(() => SsnaRecommender.Load(new() { Path = missing }));
        StringAssert.Contains(error.Message, missing);
        foreach (
            (SsnaRecommenderOptions options, string named) in new (SsnaRecommenderOptions, string)[]
            {
                (new(), "Path"),
                (new() { Path = files.Path, ReloadInterval = TimeSpan.Zero }, "ReloadInterval"),
                (new() { Path = files.Path, MaximumBatchSize = 0 }, "MaximumBatchSize"),
                (new() { Path = files.Path, QueueCapacity = 0 }, "QueueCapacity"),
                (new() { Path = files.Path, MLContext = null! }, "MLContext"),
            }
        )
        {
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => SsnaRecommender.Load(options)).Message, named);
        }
    }

    private static string[] Ids(IReadOnlyList<ScoredItem<string>> items) => [.. items.Select(item => item.Item)];

    // The file is loaded when a test says so.
    private static SsnaRecommender Load(
        ModelFiles files,
        Action<SsnaRecommenderOptions>? configure = null,
        ILogger? log = null
    )
    {
        var options = new SsnaRecommenderOptions { Path = files.Path, ReloadInterval = Timeout.InfiniteTimeSpan };
        configure?.Invoke(options);
        return SsnaRecommender.Load(options, log);
    }
}
