using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Scoring;

[TestClass]
public sealed class RankedBlockTests
{
    // More than the scores that are held at a time, so that rows are computed in several pieces.
    private const int Items = 90_000;
    private const int Users = 100;
    private const int Width = 4;

    private static readonly int[] s_denied = [3, 500, 70_000];
    private static Tensor s_users = null!;
    private static Tensor s_items = null!;
    private static ItemVectors s_vectors = null!;
    private static float[] s_scores = [];

    [ClassInitialize]
    public static void Prepare(TestContext _)
    {
        TorchRuntime.EnsureLoaded();
        using var generator = new Generator(1, CPU);
        s_users = randn(Users, Width, generator: generator);
        s_items = nn.functional.normalize(randn(Items, Width, generator: generator), 2, 1);
        using Tensor scores = s_users.matmul(s_items.t());
        s_scores = scores.data<float>().ToArray();
        s_vectors = ItemVectors.Of(s_items);
    }

    [ClassCleanup]
    public static void Free()
    {
        s_users.Dispose();
        s_items.Dispose();
        s_vectors.Dispose();
    }

    [TestMethod]
    public void Rows_are_right_in_any_order_whatever_piece_they_are_in()
    {
        using var all = new Candidates(s_vectors, new float[Items]);
        using var block = new RankedBlock(all, new(s_users.alias(), [.. Enumerable.Range(0, Users)]), 5, _ => s_denied);
        foreach (int row in new[] { 0, 99, 50, 50, 45, 46, 1 })
        {
            float[] expected = s_scores[(row * Items)..((row + 1) * Items)];
            ReadOnlySpan<float> scores = block.Scores(row);
            for (int i = 0; i < Items; i += 997)
            {
                Assert.AreEqual(expected[i], scores[i], 1e-5f);
            }
            int[] best =
            [
                .. Enumerable
                    .Range(0, Items)
                    .Except(s_denied)
                    .OrderByDescending(i => expected[i])
                    .ThenBy(i => i)
                    .Take(5),
            ];
            CollectionAssert.AreEqual(best, block.Best(row).Indexes.ToArray());
        }
    }

    [TestMethod]
    public void What_repeats_add_is_in_scores_and_best_items_of_the_catalogue_and_of_a_selection()
    {
        var repeats = new Repeats(
            new RepeatRates(new float[Items], 0.5f),
            new RepeatWeights([20, 15, 10, -10, -10, -10, -10], 0, 0, 0)
        );
        // Row 0 is one of whom nothing is known: the others' rows are one further on than their embeddings'.
        ReadOnlyMemory<int>[] histories =
        [
            .. Enumerable
                .Range(0, Users)
                .Select(user => (ReadOnlyMemory<int>)(int[])[7, 70_000, user, 80_000 + user, 60_000 - user]),
        ];
        int[] rowOf = [-1, .. Enumerable.Range(0, Users)];
        int[] selection = [7, .. Enumerable.Range(50_000, 40_000)];
        foreach (int[]? only in new[] { null, selection })
        {
            using var candidates = new Candidates(s_vectors, new float[Items], only);
            using var block = new RankedBlock(
                candidates,
                new(s_users.alias(), rowOf),
                5,
                _ => s_denied,
                repeats.Of(histories)
            );
            foreach (int user in new[] { 99, 0, 50, 46 })
            {
                int[] columns = only ?? [.. Enumerable.Range(0, Items)];
                float[] expected = [.. columns.Select(item => s_scores[(user * Items) + item])];
                foreach (HistoryItem item in new HistoryItems([histories[user]], repeats.Rates)[0])
                {
                    if (Array.IndexOf(columns, item.Item) is >= 0 and int column)
                    {
                        expected[column] += repeats.Weights.Of(item);
                    }
                }
                ReadOnlySpan<float> scores = block.Scores(user + 1);
                for (int i = 0; i < expected.Length; i++)
                {
                    Assert.AreEqual(expected[i], scores[i], 1e-4f);
                }
                int[] best =
                [
                    .. Enumerable
                        .Range(0, columns.Length)
                        .OrderByDescending(i => expected[i])
                        .Select(i => columns[i])
                        .Except(s_denied)
                        .Take(5),
                ];
                CollectionAssert.AreEqual(best, block.Best(user + 1).Indexes.ToArray());
            }
        }
    }

    [TestMethod]
    public void Rows_of_whom_nothing_is_known_get_the_popular_items_also_of_a_selection()
    {
        float[] popularity = new float[Items];
        popularity[7] = 0.2f;
        popularity[500] = 0.3f;
        popularity[80_000] = 0.1f;
        using var all = new Candidates(s_vectors, popularity);
        using (var block = new RankedBlock(all, new(s_users.narrow(0, 0, 1), [-1, 0, -1]), 3, _ => s_denied))
        {
            CollectionAssert.AreEqual(new[] { 7, 80_000, 0 }, block.Best(0).Indexes.ToArray());
            CollectionAssert.AreEqual(new[] { 0.2f, 0.1f, 0 }, block.Best(2).Scores.ToArray());
        }
        using var some = new Candidates(s_vectors, popularity, [80_000, 9, 500, 9]);
        using (var block = new RankedBlock(some, new(null, [-1]), 3, _ => s_denied))
        {
            CollectionAssert.AreEqual(new[] { 80_000, 9 }, block.Best(0).Indexes.ToArray());
        }
    }
}
