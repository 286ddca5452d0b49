using CsCheck;
using Microsoft.ML.Data;
using Ssna.MLNet.Evaluation;

namespace Ssna.MLNet.Tests.Evaluation;

/// <summary>How unlike the items of top lists are.</summary>
[TestClass]
public sealed class ListDiversityTests
{
    private static readonly float[][] s_vectors =
    [
        [1, 0],
        [0, 2],
        [-3, 0],
        [2, 0],
    ];

    [TestMethod]
    public void Diversity_is_the_mean_over_pairs_computed_by_hand()
    {
        ListDiversity diversity = Of([2, 3], s_vectors);
        diversity.Add([0, 1, 2]); // cosines 0, -1 and 0
        diversity.Add([0, 3, 1]); // cosines 1, 0 and 0
        Dictionary<int, Estimate> found = diversity.Estimates();
        Assert.AreEqual((1 + 0) / 2.0, found[2].Value, 1e-15);
        Assert.AreEqual(0.5, found[2].StandardError, 1e-15, "1 and 0");
        Assert.AreEqual(((4 / 3.0) + (2 / 3.0)) / 2, found[3].Value, 1e-15);
        Assert.AreEqual(1 / 3.0, found[3].StandardError, 1e-15, "4/3 and 2/3");
    }

    [TestMethod]
    public void Shorter_lists_count_as_they_are_and_those_without_a_pair_do_not()
    {
        ListDiversity diversity = Of([1, 10], s_vectors);
        diversity.Add([0, 2]);
        diversity.Add([1]);
        diversity.Add([]);
        Dictionary<int, Estimate> found = diversity.Estimates();
        Assert.AreEqual(2, found[10].Value, 1e-15);
        Assert.IsTrue(double.IsNaN(found[10].StandardError), "one list has a pair");
        Assert.IsTrue(double.IsNaN(found[1].Value), "one item has none");
    }

    [TestMethod]
    public void It_agrees_with_every_pair_taken_by_itself_over_many_lists() =>
        Gen.Select(
                Gen.Int[-9, 9].Select(value => value / 4f).Array[3].Array[6],
                Gen.Int.Select(seed => Drawn(seed)).Array[1, 150] // more than are asked for at a time
            )
            .Sample(
                (vectors, lists) =>
                {
                    int[] cutoffs = [2, 4, 6];
                    ListDiversity diversity = Of(cutoffs, vectors);
                    foreach (int[] list in lists)
                    {
                        diversity.Add(list);
                    }
                    Dictionary<int, Estimate> found = diversity.Estimates();
                    foreach (int cutoff in cutoffs)
                    {
                        double[] values =
                        [
                            .. lists
                                .Select(list => list.Take(cutoff).ToArray())
                                .Where(list => list.Length > 1)
                                .Select(list => Naive(list, vectors)),
                        ];
                        Estimate expected = Estimate.OfMean(values);
                        Assert.AreEqual(expected.Value, found[cutoff].Value, 1e-9);
                        Assert.AreEqual(expected.StandardError, found[cutoff].StandardError, 1e-9);
                    }
                },
                iter: 200
            );

    [TestMethod]
    public void Figures_without_a_transformer_say_what_is_missing()
    {
        var accumulator = new RankingAccumulator(2, [1]);
        accumulator.Add([1, 2], 0, []);
        ItemRankingFigures figures = accumulator.ToMetrics().All;
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => figures.IntraListDiversity(1));
        StringAssert.Contains(error.Message, "given a transformer");
    }

    private static ListDiversity Of(int[] cutoffs, float[][] vectors) =>
        new(items => Array.ConvertAll(items, item => vectors[item]), cutoffs);

    private static int[] Drawn(int seed)
    {
        var random = new Random(seed);
        int[] items = [0, 1, 2, 3, 4, 5];
        random.Shuffle(items);
        return items[..random.Next(7)];
    }

    private static double Naive(int[] list, float[][] vectors)
    {
        (double sum, int pairs) = (0, 0);
        for (int i = 0; i < list.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double dot = Dot(vectors[list[i]], vectors[list[j]]);
                double lengths = Math.Sqrt(
                    Dot(vectors[list[i]], vectors[list[i]]) * Dot(vectors[list[j]], vectors[list[j]])
                );
                sum += 1 - (lengths == 0 ? 0 : dot / lengths);
                pairs++;
            }
        }
        return sum / pairs;
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
