using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

[TestClass]
public sealed class UserEmbeddingsTests
{
    private static SsnaModel s_model = null!;
    private static ItemVectors s_items = null!;

    [ClassInitialize]
    public static void Load(TestContext _)
    {
        TorchRuntime.EnsureLoaded();
        using Tensor features = CircleShop.Features();
        s_model = Runs.Model(CircleShop.Options(), features, seed: 1);
        using Tensor embeddings = ItemEmbeddings.Of(s_model, Held.Of(features), RunContext.None);
        s_items = ItemVectors.Of(embeddings);
    }

    [ClassCleanup]
    public static void Free()
    {
        s_items.Dispose();
        s_model.Dispose();
    }

    [TestMethod]
    public void A_user_is_the_same_alone_and_among_others()
    {
        using var scope = NewDisposeScope();
        var random = new Random(2);
        ReadOnlyMemory<int>[] histories =
        [
            .. Enumerable
                .Range(0, 30)
                .Select(_ =>
                    Enumerable.Range(0, random.Next(1, 25)).Select(_ => random.Next(CircleShop.Items)).ToArray()
                ),
        ];
        Tensor together = UserEmbeddings.Encode(s_model, s_items.Embeddings, histories); // (B, d)
        for (int i = 0; i < histories.Length; i++)
        {
            Tensor alone = UserEmbeddings.Encode(s_model, s_items.Embeddings, [histories[i]])[0]; // (d)
            Assert.IsLessThan(1e-5f, (alone - together[i]).abs().max().item<float>());
        }
    }

    [TestMethod]
    public void Embedding_a_catalogue_can_be_stopped()
    {
        using Tensor features = CircleShop.Features();
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            ItemEmbeddings.Of(s_model, Held.Of(features), new RunContext(token: new CancellationToken(canceled: true)))
        );
    }

    [TestMethod]
    public void Only_the_most_recent_items_count()
    {
        using var scope = NewDisposeScope();
        int[] recent = [.. Enumerable.Range(20, CircleShop.Options().SequenceModel.MaximumSequenceLength)];
        Tensor both = UserEmbeddings.Encode(s_model, s_items.Embeddings, [recent, (int[])[3, 4, 5, .. recent]]);
        Assert.IsLessThan(1e-5f, (both[0] - both[1]).abs().max().item<float>());
    }
}
