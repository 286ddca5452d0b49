using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed class ModelValidationTests
{
    private static readonly ValidationCases s_cases = ValidationCases.HoldOutLast(CircleShop.Sequences(700)).Cases;
    private static SsnaModel s_model = null!;
    private static Tensor s_items = null!;

    [ClassInitialize]
    public static void Load(TestContext _)
    {
        TorchRuntime.EnsureLoaded();
        using Tensor features = CircleShop.Features();
        s_model = Runs.Model(CircleShop.Options(), features, seed: 1);
        s_items = s_model.Items.Prepare(features).DetachFromDisposeScope();
    }

    [ClassCleanup]
    public static void Free()
    {
        s_items.Dispose();
        s_model.Dispose();
    }

    [TestMethod]
    public void Figures_are_those_of_sorting_every_cases_cosines()
    {
        using var scope = NewDisposeScope();
        using Tensor embeddings = ItemEmbeddings.OfPrepared(s_model, Held.Of(s_items), RunContext.None); // (I, d)
        using var items = ItemVectors.Of(embeddings);
        double hits = 0;
        double gains = 0;
        for (int i = 0; i < s_cases.Count; i++)
        {
            Tensor user = UserEmbeddings.Encode(s_model, items.Embeddings, [s_cases.Histories.Memory(i)]); // (1, d)
            Tensor cosines = nn.functional.cosine_similarity(user, embeddings, 1); // (I)
            long[] sorted = cosines.argsort(descending: true).data<long>().ToArray();
            int rank = Array.IndexOf(sorted, s_cases.Targets[i]) + 1;
            hits += rank <= 10 ? 1 : 0;
            gains += rank <= 10 ? 1 / Math.Log2(rank + 1) : 0;
        }
        (double recall, double ndcg, _) = Validation(s_cases).Measure();
        Assert.IsGreaterThan(512, s_cases.Count, "more than a block");
        Assert.AreEqual(hits / s_cases.Count, recall, 0.003); // two cosines may be as good as equal
        Assert.AreEqual(gains / s_cases.Count, ndcg, 0.003);
    }

    private static ModelValidation Validation(ValidationCases cases) =>
        new(cases, s_model, Held.Of(s_items), rates: null, temperature: 1, RunContext.None);

    [TestMethod]
    public void With_repeats_figures_are_those_of_sorting_cosines_to_which_what_was_learned_is_added()
    {
        using var scope = NewDisposeScope();
        RepeatRates rates = RepeatRates.Of(CircleShop.Sequences(700), CircleShop.Items);
        var validation = new ModelValidation(
            s_cases,
            s_model,
            Held.Of(s_items),
            rates,
            temperature: 0.07f,
            RunContext.None
        );
        (double recall, double ndcg, RepeatWeights? weights) = validation.Measure();
        Assert.IsTrue(weights!.Recency.All(weight => weight < -0.05f), "nobody in this shop takes a thing twice");
        using Tensor embeddings = ItemEmbeddings.OfPrepared(s_model, Held.Of(s_items), RunContext.None); // (I, d)
        using var items = ItemVectors.Of(embeddings);
        var ranks = new List<int>();
        for (int i = 0; i < s_cases.Count; i++)
        {
            ReadOnlyMemory<int>[] history = [s_cases.Histories.Memory(i)];
            using Tensor user = UserEmbeddings.Encode(s_model, items.Embeddings, history); // (1, d)
            using Tensor cosines = items.Cosines(user, 0, CircleShop.Items); // (1, I)
            float[] scores = FloatRows.Copy(cosines)[0];
            foreach (HistoryItem item in new HistoryItems(history, rates)[0])
            {
                scores[item.Item] += weights.Of(item);
            }
            ranks.Add(scores.Count(score => score >= scores[s_cases.Targets[i]]));
        }
        Assert.AreEqual(ranks.Average(rank => rank <= 10 ? 1.0 : 0), recall, 0.003);
        Assert.AreEqual(ranks.Average(rank => rank <= 10 ? 1 / Math.Log2(rank + 1) : 0), ndcg, 0.003);
        Assert.IsGreaterThan(Validation(s_cases).Measure().Recall, recall);
    }

    [TestMethod]
    public void Without_cases_there_are_no_figures()
    {
        var none = new ValidationCases(new SequenceSet([], [0]), []);
        ModelValidation validation = Validation(none);
        Assert.IsFalse(validation.HasCases);
        Assert.IsTrue(double.IsNaN(validation.Measure().Recall));
    }

    [TestMethod]
    public void It_can_be_stopped()
    {
        var validation = new ModelValidation(
            s_cases,
            s_model,
            Held.Of(s_items),
            rates: null,
            temperature: 1,
            new RunContext(token: new CancellationToken(canceled: true))
        );
        Assert.ThrowsExactly<OperationCanceledException>(() => validation.Measure());
    }
}
