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
        using Tensor embeddings = ItemEmbeddings.OfPrepared(s_model, s_items, RunContext.None); // (I, d)
        using var items = ItemVectors.Of(embeddings);
        double hits = 0;
        double gains = 0;
        for (int i = 0; i < s_cases.Count; i++)
        {
            Tensor user = UserEmbeddings.Encode(s_model, items, [s_cases.Histories.Memory(i)]); // (1, d)
            Tensor cosines = nn.functional.cosine_similarity(user, embeddings, 1); // (I)
            long[] sorted = cosines.argsort(descending: true).data<long>().ToArray();
            int rank = Array.IndexOf(sorted, s_cases.Targets[i]) + 1;
            hits += rank <= 10 ? 1 : 0;
            gains += rank <= 10 ? 1 / Math.Log2(rank + 1) : 0;
        }
        (double recall, double ndcg) = new ModelValidation(s_cases, s_model, s_items, RunContext.None).Measure();
        Assert.IsGreaterThan(512, s_cases.Count, "more than a block");
        Assert.AreEqual(hits / s_cases.Count, recall, 0.003); // two cosines may be as good as equal
        Assert.AreEqual(gains / s_cases.Count, ndcg, 0.003);
    }

    [TestMethod]
    public void Without_cases_there_are_no_figures()
    {
        var none = new ValidationCases(new SequenceSet([], [0]), []);
        var validation = new ModelValidation(none, s_model, s_items, RunContext.None);
        Assert.IsFalse(validation.HasCases);
        Assert.IsTrue(double.IsNaN(validation.Measure().Recall));
    }

    [TestMethod]
    public void It_can_be_stopped()
    {
        var validation = new ModelValidation(
            s_cases,
            s_model,
            s_items,
            new RunContext(token: new CancellationToken(canceled: true))
        );
        Assert.ThrowsExactly<OperationCanceledException>(() => validation.Measure());
    }
}
