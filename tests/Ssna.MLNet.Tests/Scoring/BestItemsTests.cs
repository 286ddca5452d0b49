using CsCheck;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Tests.Scoring;

[TestClass]
public sealed class BestItemsTests
{
    [TestMethod]
    public void Agrees_with_a_full_sort_whatever_the_ties_tiles_and_exclusions() =>
        Gen.Select(
                // Few distinct scores, so that ties abound.
                Gen.Int[0, 6].Array[0, 200],
                Gen.Int[0, 30],
                Gen.Int[1, 70],
                Gen.Int[0, 199].Array[0, 40]
            )
            .Sample(
                (values, k, tile, excluded) =>
                {
                    float[] scores = [.. values.Select(v => v / 7f)];
                    int[] sorted = [.. excluded.Distinct().Order()];
                    BestItems best = new(30);
                    best.Clear(k);
                    for (int from = 0; from < scores.Length; from += tile)
                    {
                        best.Offer(scores.AsSpan(from, Math.Min(tile, scores.Length - from)), from, new Listed(sorted));
                    }
                    best.Sort();
                    int[] expected = Expected(scores, k, sorted);
                    CollectionAssert.AreEqual(expected, best.Indexes.ToArray());
                    CollectionAssert.AreEqual(expected.Select(i => scores[i]).ToArray(), best.Scores.ToArray());
                }
            );

    [TestMethod]
    public void Keeps_named_indexes_in_the_same_order_as_a_full_sort() =>
        Gen.Select(Gen.Int[0, 3].Array[0, 60], Gen.Int[0, 12])
            .Sample(
                (values, k) =>
                {
                    float[] scores = [.. values.Select(v => (float)v)];
                    int[] indexes = [.. Enumerable.Range(0, scores.Length).Select(i => 3 * i + 1)];
                    BestItems best = new(12);
                    best.Clear(k);
                    best.Offer(scores, indexes, new Listed([4, 7]));
                    best.Sort();
                    int[] expected = [.. Expected(scores, k, [1, 2]).Select(i => 3 * i + 1)];
                    CollectionAssert.AreEqual(expected, best.Indexes.ToArray());
                }
            );

    [TestMethod]
    public void Never_keeps_a_score_that_is_no_number()
    {
        BestItems best = new(3);
        best.Clear(3);
        best.Offer([float.NaN, 1, float.NaN, 2, float.NaN], 0, new Listed([]));
        best.Sort();
        CollectionAssert.AreEqual(new[] { 3, 1 }, best.Indexes.ToArray());
    }

    private static int[] Expected(float[] scores, int k, int[] excluded) =>
        [
            .. Enumerable
                .Range(0, scores.Length)
                .Except(excluded)
                .OrderByDescending(i => scores[i])
                .ThenBy(i => i)
                .Take(k),
        ];
}
