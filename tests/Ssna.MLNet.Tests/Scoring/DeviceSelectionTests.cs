using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Scoring;

/// <summary>What a GPU selects, computed here on the CPU: the same operators.</summary>
[TestClass]
public sealed class DeviceSelectionTests
{
    private const int Rows = 40;
    private const int Width = 300;

    private static readonly Random s_random = new(4);

    // Few different numbers, so that nearly every one is tied; some that are none, and both zeros.
    private static readonly float[][] s_scores =
    [
        .. Enumerable
            .Range(0, Rows)
            .Select(_ =>
                Enumerable
                    .Range(0, Width)
                    .Select(_ =>
                        s_random.Next(20) is var n && n == 0 ? float.NaN
                        : n == 1 ? -0f
                        : (n - 10) / 8f
                    )
                    .ToArray()
            ),
    ];

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(Width)]
    [DataRow(Width + 5)]
    public void The_best_are_the_hosts_with_ties_in_the_catalogues_order(int k)
    {
        int[][] excluded =
        [
            .. Enumerable.Range(0, Rows).Select(row => row % 3 == 0 ? [] : new[] { 0, 1, row, row, Width - 1 }),
        ];
        Array.ForEach(excluded, Array.Sort);
        using Tensor scores = tensor(s_scores.SelectMany(row => row).ToArray()).view(Rows, Width);
        (float[] found, int[] columns) = DeviceSelection.Best(scores, k, row => excluded[row]);
        int kept = columns.Length / Rows;
        Assert.AreEqual(Math.Min(k, Width), kept);
        for (int row = 0; row < Rows; row++)
        {
            var expected = new BestItems(k);
            expected.Clear(k);
            expected.Offer(s_scores[row], 0, new Listed(excluded[row]));
            expected.Sort();
            var best = new BestItems(k);
            best.Clear(k);
            best.Offer(found.AsSpan(row * kept, kept), columns.AsSpan(row * kept, kept), new Listed());
            best.Sort();
            CollectionAssert.AreEqual(expected.Indexes.ToArray(), best.Indexes.ToArray(), $"row {row}");
            CollectionAssert.AreEqual(expected.Scores.ToArray(), best.Scores.ToArray(), $"row {row}");
        }
    }

    [TestMethod]
    public void Tiles_after_one_another_give_what_all_at_once_would()
    {
        const int k = 9;
        const int tile = 64;
        for (int row = 0; row < Rows; row++)
        {
            var whole = new BestItems(k);
            whole.Clear(k);
            whole.Offer(s_scores[row], 0, new Listed());
            whole.Sort();
            var best = new BestItems(k);
            best.Clear(k);
            using var candidates = new Candidates(Vectors(), new float[Width]);
            for (int first = 0; first < Width; first += tile)
            {
                using Tensor scores = tensor(s_scores[row][first..Math.Min(Width, first + tile)]).unsqueeze(0);
                (float[] found, int[] columns) = DeviceSelection.Best(scores, k, _ => []);
                best.Offer(found, candidates.At(columns, first), new Listed());
            }
            best.Sort();
            CollectionAssert.AreEqual(whole.Indexes.ToArray(), best.Indexes.ToArray(), $"row {row}");
            candidates.Items.Dispose();
        }
    }

    [TestMethod]
    public void Excluded_items_are_found_in_a_tile_of_a_selection()
    {
        using ItemVectors vectors = Vectors();
        using var some = new Candidates(vectors, new float[Width], [40, 10, 30, 20]);
        int[] excluded = [10, 15, 30, 30, 40];
        CollectionAssert.AreEqual(new[] { 0, 2, 2, 3 }, some.Columns(excluded, 0, 4).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 0 }, some.Columns(excluded, 2, 1).ToArray());
        CollectionAssert.AreEqual(new[] { 30, 40 }, some.At([0, 1], 2));
        using var all = new Candidates(vectors, new float[Width]);
        CollectionAssert.AreEqual(new[] { 0, 5 }, all.Columns([3, 10, 15, 20], 10, 10).ToArray());
        CollectionAssert.AreEqual(new[] { 10, 12 }, all.At([0, 2], 10));
    }

    private static ItemVectors Vectors()
    {
        using Tensor embeddings = ones(Width, 2);
        return ItemVectors.Of(embeddings);
    }
}
