using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>A catalogue in parts, asked as docs/serving.md says, recommends what the whole one does.</summary>
[TestClass]
public sealed class ShardsTests
{
    private const int Wanted = 10;

    private static readonly MLContext s_context = new(1);
    private static SsnaTransformer s_model = null!;

    [ClassInitialize]
    public static void Train(TestContext _)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        (options.MaximumEpochs, options.LearnRepeats) = (1, true);
        s_model = s_context.Recommendation().Trainers.Ssna(options).Fit(RepeatShop.Users<string>(s_context));
    }

    [ClassCleanup]
    public static void Free() => s_model.Dispose();

    [TestMethod]
    [DataRow(ItemPrecision.Float32, true)]
    [DataRow(ItemPrecision.Float32, false)]
    [DataRow(ItemPrecision.Float16, true)]
    [DataRow(ItemPrecision.Float16, false)]
    [DataRow(ItemPrecision.Int8, true)]
    [DataRow(ItemPrecision.Int8, false)]
    public void Merged_lists_are_those_of_the_whole_catalogue(ItemPrecision precision, bool excludeHistory)
    {
        using SsnaTransformer model = s_model.WithItemPrecision(precision);
        string[][] histories = [.. Histories()];
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> whole = model.RecommendMany(
            histories,
            Wanted,
            excludeHistory: excludeHistory
        );
        foreach (int count in new[] { 1, 2, 3, 7 })
        {
            using var shards = new Shards(model, count);
            IReadOnlyList<IReadOnlyList<ScoredItem<string>>> merged = shards.Recommend(histories, excludeHistory);
            for (int user = 0; user < histories.Length; user++)
            {
                RequireSame(whole[user], merged[user]);
            }
        }
        int taken = histories.Zip(whole).Sum(pair => pair.Second.Count(scored => pair.First.Contains(scored.Item)));
        Assert.AreEqual(excludeHistory, taken == 0, "repeats would not have been seen");
    }

    [TestMethod]
    public void Items_of_equal_scores_come_in_catalogue_order()
    {
        // Nothing is known of the user: scores are shares of the interactions, many of them the same.
        IReadOnlyList<ScoredItem<string>> whole = s_model.Recommend<string>([], RingShop.ItemCount);
        Assert.IsLessThan(RingShop.ItemCount, whole.DistinctBy(scored => scored.Score).Count());
        foreach (int count in new[] { 2, 3, 7 })
        {
            using var shards = new Shards(s_model, count);
            IReadOnlyList<ScoredItem<string>> merged = shards.Recommend(
                [
                    [],
                ],
                false,
                RingShop.ItemCount
            )[0];
            CollectionAssert.AreEqual(whole.ToArray(), merged.ToArray());
        }
    }

    [TestMethod]
    public void Every_item_is_in_one_shard_in_catalogue_order()
    {
        foreach (int count in new[] { 1, 7, RingShop.ItemCount })
        {
            using var shards = new Shards(s_model, count);
            CollectionAssert.AreEqual(
                s_model.GetItemIds<string>().ToArray(),
                shards.All.SelectMany(shard => shard.GetItemIds<string>()).ToArray()
            );
            int[] sizes = [.. shards.All.Select(shard => shard.ItemCount)];
            Assert.IsLessThanOrEqualTo(1, sizes.Max() - sizes.Min());
        }
    }

    [TestMethod]
    public void What_was_learned_of_repeats_counts_the_history_in_other_shards_as_well()
    {
        using SsnaTransformer shard = s_model.Shard(0, 3);
        string own = shard.GetItemIds<string>()[4];
        string foreign = s_model.GetItemIds<string>()[^1];
        var user = new float[s_model.Dimension];
        user[0] = 1;
        ShardQuery<string> once = new(user, [own], RingShop.ItemCount, ExcludeHistory: false);
        ShardQuery<string> before = once with { History = [own, foreign, foreign, foreign] };
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> lists = shard.RecommendMany([once, before]);
        Assert.HasCount(shard.ItemCount, lists[1]);
        Assert.AreNotEqual(Of(own, lists[0]), Of(own, lists[1]), 1e-4f);
        foreach (string other in shard.GetItemIds<string>().Where(item => item != own))
        {
            Assert.AreEqual(Of(other, lists[0]), Of(other, lists[1]), 1e-6f);
        }
    }

    [TestMethod]
    public void A_shard_is_saved_and_loaded_without_the_rest()
    {
        using var folder = new TemporaryFolder();
        string[][] histories = [.. Histories()];
        using var shards = new Shards(s_model, 3);
        using var loaded = new Shards(
            shards.All.Select(
                (shard, i) =>
                {
                    shard.Save(folder[$"{i}.zip"]);
                    return SsnaTransformer.Load(s_context, folder[$"{i}.zip"]);
                }
            )
        );
        for (int user = 0; user < histories.Length; user++)
        {
            RequireSame(
                shards.Recommend(histories, excludeHistory: true)[user],
                loaded.Recommend(histories, excludeHistory: true)[user]
            );
        }
    }

    [TestMethod]
    public void A_shard_outlives_the_whole()
    {
        SsnaTransformer whole = s_model.WithoutItems<string>([]);
        using SsnaTransformer shard = whole.Shard(1, 2);
        whole.Dispose();
        Assert.HasCount(3, shard.Recommend([shard.GetItemIds<string>()[0]], 3));
    }

    [TestMethod]
    public void What_cannot_be_is_refused()
    {
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => s_model.Shard(0, 61)).Message;
        StringAssert.Contains(message, "1 to 60 parts");
        Assert.Throws<ArgumentOutOfRangeException>(() => s_model.Shard(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_model.Shard(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_model.Shard(3, 3));

        var narrow = new float[s_model.Dimension - 1];
        message = Assert
            .Throws<ArgumentException>(() =>
                s_model.GetUserEmbeddings([
                    [narrow],
                ])
            )
            .Message;
        StringAssert.Contains(message, "16 values, found one of 15");
        message = Assert
            .Throws<ArgumentException>(() =>
                s_model.GetUserEmbeddings([
                    [null!],
                ])
            )
            .Message;
        StringAssert.Contains(message, "found null");
        Assert.Throws<ArgumentException>(() => s_model.GetUserEmbeddings([null!]));
        var query = new ShardQuery<string>(narrow, ["item07"]);
        message = Assert.Throws<ArgumentException>(() => s_model.RecommendMany([query])).Message;
        StringAssert.Contains(message, "16 values, found one of 15");
        query = query with { User = new float[s_model.Dimension] };
        Assert.Throws<ArgumentOutOfRangeException>(() => s_model.RecommendMany([query with { K = -1 }]));
        Assert.Throws<ArgumentException>(() => s_model.RecommendMany([query with { History = [null!] }]));
        Assert.Throws<ArgumentException>(() => s_model.RecommendMany([query, null!]));
        Assert.Throws<ArgumentException>(() => s_model.RecommendMany([new ShardQuery<int>(query.User, [7])]));
        Assert.Throws<OperationCanceledException>(() => s_model.RecommendMany([query], new(canceled: true)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScoredItem.Merge<string>([], -1));
        Assert.IsEmpty(ScoredItem.Merge<string>([], 3));
    }

    private static float Of(string item, IReadOnlyList<ScoredItem<string>> list) =>
        list.Single(scored => scored.Item == item).Score;

    /// <summary>Fails where two lists differ in more than the order of scores as good as equal.</summary>
    private static void RequireSame(IReadOnlyList<ScoredItem<string>> expected, IReadOnlyList<ScoredItem<string>> found)
    {
        Assert.HasCount(expected.Count, found);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.AreEqual(expected[i].Score, found[i].Score, 1e-5f);
            if (expected[i].Item != found[i].Item)
            {
                // Either it is elsewhere in the list, with a score as good as equal, or it was cut off by one.
                int there = expected.Select(scored => scored.Item).ToList().IndexOf(found[i].Item);
                float score = there < 0 ? expected[^1].Score : expected[there].Score;
                Assert.AreEqual(score, found[i].Score, 1e-5f, $"'{found[i].Item}' for '{expected[i].Item}'");
            }
        }
    }

    // Longer and shorter than the model looks at, with repeats, unknown items, and nothing known.
    private static IEnumerable<string[]> Histories()
    {
        foreach (int from in Enumerable.Range(0, 30))
        {
            int[] items = from % 2 == 0 ? RepeatShop.Repeater(from, 3 + from) : RepeatShop.Walker(from, 3 + from);
            string[] history = [.. items.Select(RingShop.Id<string>)];
            yield return from % 3 == 0 ? [.. history, "nowhere", history[0]] : history;
        }
        yield return [];
        yield return ["nowhere"];
    }

    /// <summary>All shards of a model, asked as processes that hold one each would be.</summary>
    private sealed class Shards(IEnumerable<SsnaTransformer> shards) : IDisposable
    {
        public Shards(SsnaTransformer model, int count)
            : this(Enumerable.Range(0, count).Select(index => model.Shard(index, count))) { }

        public SsnaTransformer[] All { get; } = [.. shards];

        public IReadOnlyList<IReadOnlyList<ScoredItem<string>>> Recommend(
            string[][] histories,
            bool excludeHistory,
            int k = Wanted
        )
        {
            (string[] Items, float[][] Embeddings)[] known = Array.ConvertAll(histories, Known);
            IReadOnlyList<float[]> users = All[^1].GetUserEmbeddings(known.Select(user => user.Embeddings));
            ShardQuery<string>[] queries =
            [
                .. users.Zip(known, (user, of) => new ShardQuery<string>(user, of.Items, k, excludeHistory)),
            ];
            IReadOnlyList<IReadOnlyList<ScoredItem<string>>>[] lists = Array.ConvertAll(
                All,
                shard => shard.RecommendMany(queries)
            );
            return
            [
                .. Enumerable
                    .Range(0, histories.Length)
                    .Select(user => ScoredItem.Merge(lists.Select(shard => shard[user]), k)),
            ];
        }

        public void Dispose() => Array.ForEach(All, shard => shard.Dispose());

        private (string[] Items, float[][] Embeddings) Known(string[] history)
        {
            IReadOnlyList<float[]?>[] found = Array.ConvertAll(All, shard => shard.GetHistoryEmbeddings(history));
            int[] places =
            [
                .. Enumerable.Range(0, history.Length).Where(place => found.Any(shard => shard[place] is not null)),
            ];
            return (
                Array.ConvertAll(places, place => history[place]),
                Array.ConvertAll(places, place => found.Select(shard => shard[place]).Single(one => one is not null)!)
            );
        }
    }
}
