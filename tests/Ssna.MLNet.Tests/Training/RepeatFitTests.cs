using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed class RepeatFitTests
{
    private const int Items = 40;
    private const float Temperature = 0.5f;

    private static readonly RepeatRates s_rates = new(
        [.. Enumerable.Range(0, Items).Select(item => MathF.Sin(item))],
        0.3f
    );

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void No_other_weights_make_the_targets_more_probable_by_a_slow_softmax_over_all_items()
    {
        using Shop shop = new(cases: 300, repeaters: 0.5);
        RepeatWeights found = shop.Fit(300);
        double best = shop.Loss(found);
        foreach (float change in new[] { -0.02f, 0.02f })
        {
            for (int recency = 0; recency < HistoryItem.Recencies; recency++)
            {
                float[] changed = [.. found.Recency];
                changed[recency] += change;
                IsWorse(found with { Recency = changed });
            }
            IsWorse(found with { Times = found.Times + change });
            IsWorse(found with { Again = found.Again + change });
            IsWorse(found with { User = found.User + change });
        }

        // The fit's prior is another's opinion of a tenth of a case, which the slow version does not have.
        void IsWorse(RepeatWeights other) => Assert.IsGreaterThan(best - 0.03, shop.Loss(other), $"{other}");
    }

    [TestMethod]
    public void Weights_that_targets_were_drawn_with_are_found_again()
    {
        var drawn = new RepeatWeights([2, 1, 0.5f, 0.2f, 0, -0.2f, -0.5f], -0.5f, 0.6f, 0.8f);
        using Shop shop = new(cases: 6000, drawn);
        RepeatWeights found = shop.Fit(6000);
        for (int recency = 0; recency < 4; recency++)
        {
            Assert.AreEqual(drawn.Recency[recency], found.Recency[recency], 0.15, $"recency {recency}");
        }
        Assert.AreEqual(drawn.Times, found.Times, 0.15);
        Assert.AreEqual(drawn.Again, found.Again, 0.15);
        Assert.AreEqual(drawn.User, found.User, 0.15);
    }

    [TestMethod]
    public void Where_nothing_is_repeated_every_place_of_a_history_loses_by_it_also_one_that_no_history_reaches()
    {
        using Shop shop = new(cases: 300, repeaters: 0);
        RepeatWeights found = shop.Fit(300);
        Assert.IsTrue(found.Recency.All(weight => weight is < -0.3f and > -50), string.Join(", ", found.Recency));
    }

    [TestMethod]
    public void Blocks_and_the_order_of_cases_change_nothing_beyond_rounding()
    {
        using Shop shop = new(cases: 200, repeaters: 0.5);
        RepeatWeights whole = shop.Fit(200);
        foreach (RepeatWeights other in new[] { shop.Fit(7), shop.Fit(64, reversed: true) })
        {
            float[] expected = [.. whole.Recency, whole.Times, whole.Again, whole.User];
            float[] found = [.. other.Recency, other.Times, other.Again, other.User];
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], found[i], 1e-3f);
            }
        }
    }

    [TestMethod]
    public void A_case_whose_scores_are_no_numbers_is_left_out()
    {
        using Shop shop = new(cases: 50, repeaters: 0.5);
        shop.Users[3].fill_(float.NaN);
        Assert.IsTrue(shop.Fit(50).Recency.All(float.IsFinite));
    }

    /// <summary>Random embeddings, histories of up to ten items, and what was taken next.</summary>
    private sealed class Shop : IDisposable
    {
        private readonly ReadOnlyMemory<int>[] _histories;
        private readonly int[] _targets;
        private readonly ItemVectors _items;
        private readonly float[][] _cosines;

        private Shop(int cases)
        {
            var random = new Random(9);
            using var generator = new Generator(4, CPU);
            Users = nn.functional.normalize(randn(cases, 6, generator: generator), 2, 1); // (B, d)
            using Tensor embeddings = randn(Items, 6, generator: generator); // (I, d)
            _items = ItemVectors.Of(embeddings);
            using Tensor cosines = _items.Cosines(Users, 0, Items); // (B, I)
            _cosines = FloatRows.Copy(cosines);
            _histories =
            [
                .. Enumerable
                    .Range(0, cases)
                    .Select(_ =>
                        (ReadOnlyMemory<int>)
                            Enumerable.Range(0, random.Next(1, 11)).Select(_ => random.Next(Items / 3)).ToArray()
                    ),
            ];
            _targets = new int[cases];
        }

        /// <param name="cases">The cases.</param>
        /// <param name="repeaters">The share of those that take an item of their history, any; the others never do.</param>
        public Shop(int cases, double repeaters)
            : this(cases)
        {
            var random = new Random(1);
            for (int i = 0; i < cases; i++)
            {
                int[] history = _histories[i].ToArray();
                int[] from =
                    random.NextDouble() < repeaters ? history : [.. Enumerable.Range(0, Items).Except(history)];
                _targets[i] = from[random.Next(from.Length)];
            }
        }

        /// <summary>Targets that are drawn from the softmax itself.</summary>
        public Shop(int cases, RepeatWeights weights)
            : this(cases)
        {
            var random = new Random(1);
            for (int i = 0; i < cases; i++)
            {
                double[] odds = [.. Logits(i, weights).Select(Math.Exp)];
                double left = random.NextDouble() * odds.Sum();
                while ((left -= odds[_targets[i]]) > 0)
                {
                    _targets[i]++;
                }
            }
        }

        public Tensor Users { get; }

        public RepeatWeights Fit(int block, bool reversed = false)
        {
            var fit = new RepeatFit(s_rates, Temperature);
            IEnumerable<int[]> blocks = Enumerable.Range(0, _targets.Length).Chunk(block);
            foreach (int[] cases in reversed ? blocks.Reverse() : blocks)
            {
                using Tensor users = Users.narrow(0, cases[0], cases.Length); // (b, d)
                fit.Add(
                    users,
                    _items,
                    Array.ConvertAll(cases, i => _histories[i]),
                    Array.ConvertAll(cases, i => _targets[i])
                );
            }
            return fit.Solve(Ranks.One);
        }

        public double Loss(RepeatWeights weights)
        {
            double loss = 0;
            for (int i = 0; i < _targets.Length; i++)
            {
                double[] logits = Logits(i, weights);
                loss += Math.Log(logits.Sum(Math.Exp)) - logits[_targets[i]];
            }
            return loss;
        }

        private double[] Logits(int user, RepeatWeights weights)
        {
            double[] scores = [.. _cosines[user]];
            foreach (HistoryItem item in new HistoryItems([_histories[user]], s_rates)[0])
            {
                scores[item.Item] += weights.Of(item);
            }
            return [.. scores.Select(score => score / Temperature)];
        }

        public void Dispose()
        {
            Users.Dispose();
            _items.Dispose();
        }
    }
}
