using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Scoring;

[TestClass]
public sealed class TargetRanksTests
{
    // Three tiles, the last one short.
    private const int Items = (2 * ItemVectors.Tile) + 33;
    private const int Users = 40;
    private const int Width = 4;

    private static readonly Random s_random = new(3);
    private static readonly int[][] s_items = Signs(Items);
    private static readonly int[][] s_users = Signs(Users);
    private static readonly int[] s_targets =
    [
        0,
        ItemVectors.Tile - 1,
        ItemVectors.Tile,
        Items - 1,
        .. Enumerable.Range(4, Users - 4).Select(_ => s_random.Next(Items)),
    ];

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Ranks_are_those_of_counting_every_item_with_ties_against()
    {
        using ItemVectors items = Vectors();
        using Tensor users = Directions(s_users);
        int[] ranks = TargetRanks.Of(users, items, s_targets);
        CollectionAssert.AreEqual(ranks, TargetRanks.OnDevice(users, items, s_targets), "as a GPU counts");
        for (int user = 0; user < Users; user++)
        {
            int wanted = Product(s_users[user], s_items[s_targets[user]]);
            int expected = s_items.Count(item => Product(s_users[user], item) >= wanted);
            Assert.AreEqual(expected, ranks[user], $"user {user}");
        }
    }

    [TestMethod]
    public void What_repeats_add_counts_for_targets_and_for_others_in_any_tile()
    {
        using ItemVectors items = Vectors();
        using Tensor users = Directions(s_users);
        // Every second user has taken the target, and all of them an item of each tile.
        ReadOnlyMemory<int>[] histories =
        [
            .. s_targets.Select(
                (target, user) =>
                    (ReadOnlyMemory<int>)
                        (int[])[user, ItemVectors.Tile + user, Items - 2, .. user % 2 == 0 ? new[] { target } : []]
            ),
        ];
        var repeats = new Repeats(
            new RepeatRates(new float[Items], 0.5f),
            new RepeatWeights([-0.5f, 0.5f, 0.25f, 1, 1, 1, 1], 0, 0, 0)
        );
        int[] ranks = TargetRanks.Of(users, items, s_targets, repeats.Of(histories));
        for (int user = 0; user < Users; user++)
        {
            float[] scores = [.. s_items.Select(item => Product(s_users[user], item) / 4f)];
            foreach (HistoryItem item in new HistoryItems([histories[user]], repeats.Rates)[0])
            {
                scores[item.Item] += repeats.Weights.Of(item);
            }
            Assert.AreEqual(scores.Count(score => score >= scores[s_targets[user]]), ranks[user], $"user {user}");
        }
    }

    [TestMethod]
    public void A_user_ranks_the_same_alone_and_among_others()
    {
        using ItemVectors items = Vectors();
        using Tensor users = Directions(s_users);
        int[] together = TargetRanks.Of(users, items, s_targets);
        for (int user = 0; user < Users; user++)
        {
            using Tensor alone = users.narrow(0, user, 1); // (1, d)
            Assert.AreEqual(together[user], TargetRanks.Of(alone, items, [s_targets[user]])[0]);
        }
    }

    [TestMethod]
    public void A_score_that_is_no_number_leaves_no_rank()
    {
        using ItemVectors items = Vectors();
        using Tensor users = Directions(s_users);
        users[7].fill_(float.NaN);
        int[] ranks = TargetRanks.Of(users, items, s_targets);
        Assert.AreEqual(0, ranks[7]);
        CollectionAssert.AreEqual(ranks, TargetRanks.OnDevice(users, items, s_targets));
        Assert.AreEqual(1, ranks.Count(rank => rank == 0));

        // An item's, wherever it lies, is one of every user's scores.
        using Tensor embeddings = Directions(s_items);
        embeddings[ItemVectors.Tile + 5].fill_(float.NaN);
        using ItemVectors broken = ItemVectors.Of(embeddings);
        using Tensor whole = Directions(s_users);
        Assert.IsTrue(TargetRanks.Of(whole, broken, s_targets).All(rank => rank == 0));
        Assert.IsTrue(TargetRanks.OnDevice(whole, broken, s_targets).All(rank => rank == 0));
    }

    // Vectors of length 2 with entries of 1 and -1: their cosines are exact, and most of them equal many others.
    private static int[][] Signs(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => Enumerable.Range(0, Width).Select(_ => (2 * s_random.Next(2)) - 1).ToArray()),
        ];

    private static int Product(int[] left, int[] right) => left.Zip(right, (a, b) => a * b).Sum();

    private static Tensor Directions(int[][] signs) =>
        tensor(signs.SelectMany(entries => entries.Select(entry => entry / 2f)).ToArray()).view(-1, Width); // (N, d)

    private static ItemVectors Vectors()
    {
        using Tensor embeddings = Directions(s_items);
        return ItemVectors.Of(embeddings);
    }
}
