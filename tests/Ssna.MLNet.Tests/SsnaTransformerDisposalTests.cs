using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>A service swaps models while requests are under way: see issue 12, A2.</summary>
[TestClass]
public sealed class SsnaTransformerDisposalTests
{
    private static readonly MLContext s_context = RingShopModel.Context;

    [TestMethod]
    public void A_model_may_be_disposed_of_while_other_threads_use_it()
    {
        NewProcess.RequireBuilt();
        using var folder = new TemporaryFolder();
        IDataView users = RingShop.TrainingUsers<string>(s_context, 300);
        s_context.Model.Save(RingShopModel.Value, users.Schema, folder["model.zip"]);
        Write(users, folder["users.idv"]);
        Write(RingShop.Items<string>(s_context), folder["items.idv"]);
        (int exitCode, string output, string errors) = FreshProcess.Run(
            FreshProcess.Folder,
            [],
            "dispose",
            folder["model.zip"],
            folder["items.idv"],
            folder["users.idv"],
            "6"
        );
        Assert.AreEqual(0, exitCode, output + errors);
    }

    [TestMethod]
    public void A_cursor_that_is_open_reads_to_its_end_and_later_ones_are_refused()
    {
        SsnaTransformer model = RingShopModel.Value.WithoutItems(["item01"]);
        IDataView scored = model.Transform(RingShop.TrainingUsers<string>(s_context, 600));
        IReadOnlyList<string> expected = DataViews.Lines(scored, "RecommendedItems");
        using (DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["RecommendedItems"]]))
        {
            model.Dispose();
            CollectionAssert.AreEqual(expected.ToArray(), DataViews.Lines(cursor, "RecommendedItems").ToArray());
        }
        Assert.Throws<ObjectDisposedException>(() => DataViews.Lines(scored, "RecommendedItems"));
    }

    [TestMethod]
    public void A_prediction_engine_whose_model_was_disposed_of_says_so()
    {
        SsnaTransformer model = RingShopModel.Value.WithoutItems(["item01"]);
        using var engine = s_context.Model.CreatePredictionEngine<
            RingShop.UserRow<string>,
            RingShop.Recommendations<string>
        >(model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.HasCount(5, engine.Predict(new() { Sequence = ["item03"] }).RecommendedItems);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.Predict(new() { Sequence = ["item03"] }));
    }

    private static void Write(IDataView data, string path)
    {
        using FileStream file = File.Create(path);
        s_context.Data.SaveAsBinary(data, file);
    }
}
