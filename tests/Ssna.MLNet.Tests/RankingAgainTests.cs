using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>
/// What an index of item embeddings finds for a user's embedding, ranked again by <c>Recommend</c> with <c>allow</c>: see docs/vectors.md.
/// </summary>
[TestClass]
public sealed class RankingAgainTests
{
    private const int Wanted = 5;

    private static readonly MLContext s_context = new(1);
    private static SsnaTransformer s_model = null!;
    private static EmbeddingRecord[] s_items = null!;

    // With repeats, of which an index knows nothing.
    [ClassInitialize]
    public static void Train(TestContext _)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        (options.MaximumEpochs, options.LearnRepeats) = (1, true);
        s_model = s_context.Recommendation().Trainers.Ssna(options).Fit(RepeatShop.Users<string>(s_context));
        s_items = [.. s_context.Data.ReadEmbeddings(s_model.GetItemEmbeddings())];
    }

    [ClassCleanup]
    public static void Free() => s_model.Dispose();

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Of_as_many_of_the_nearest_as_are_wanted_and_were_taken_the_list_is_that_of_the_whole_catalogue(
        bool excludeHistory
    )
    {
        int unlikeTheNearest = 0;
        foreach ((string[] history, float[] user) in Users())
        {
            string[] nearest = [.. Nearest(user, Wanted + history.Distinct().Count())];
            ScoredItem<string>[] exact = [.. s_model.Recommend(history, Wanted, excludeHistory: excludeHistory)];
            ScoredItem<string>[] again =
            [
                .. s_model.Recommend(history, Wanted, allow: [.. nearest, .. history], excludeHistory: excludeHistory),
            ];
            CollectionAssert.AreEqual(Ids(exact), Ids(again));
            for (int i = 0; i < exact.Length; i++)
            {
                Assert.AreEqual(exact[i].Score, again[i].Score, 1e-6);
            }
            unlikeTheNearest += nearest.Take(Wanted).SequenceEqual(Ids(exact)) ? 0 : 1;
        }
        Assert.IsGreaterThan(10, unlikeTheNearest, "what the index lacks would not have been seen");
    }

    [TestMethod]
    public void A_score_is_the_product_of_the_embeddings_but_for_items_that_were_taken()
    {
        int moved = 0;
        foreach ((string[] history, float[] user) in Users())
        {
            foreach (ScoredItem<string> scored in s_model.Recommend(history, s_model.ItemCount, excludeHistory: false))
            {
                double product = Dot(user, s_items.Single(item => item.Id == scored.Item).Vector.Span);
                if (!history.Contains(scored.Item))
                {
                    Assert.AreEqual(product, scored.Score, 1e-5);
                }
                else if (Math.Abs(product - scored.Score) > 1e-3)
                {
                    moved++;
                }
            }
        }
        Assert.IsGreaterThan(10, moved);
    }

    private static IEnumerable<(string[] History, float[] Embedding)> Users()
    {
        string[][] histories =
        [
            .. Enumerable
                .Range(0, 20)
                .Select(from =>
                    (from % 2 == 0 ? RepeatShop.Repeater(from, 7) : RepeatShop.Walker(from, 7))
                        .Select(RingShop.Id<string>)
                        .ToArray()
                ),
        ];
        IDataView users = s_context.Data.LoadFromEnumerable(histories.Select(history => new { Sequence = history }));
        return histories.Zip(s_model.GetUserEmbeddings(users).GetColumn<float[]>("Embedding"));
    }

    // What an exact index answers.
    private static IEnumerable<string> Nearest(float[] user, int count) =>
        s_items.OrderByDescending(item => Dot(user, item.Vector.Span)).Take(count).Select(item => item.Id);

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }
        return sum;
    }

    private static string[] Ids(IEnumerable<ScoredItem<string>> items) => [.. items.Select(item => item.Item)];
}
