using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>Names of columns that are not the default ones, through training, scoring, saving and embedding.</summary>
[TestClass]
public sealed class SsnaTrainerColumnsTests
{
    private static readonly (string Usual, string Given)[] s_outputs =
    [
        ("Score", "Cosine"),
        ("RecommendedItems", "Best"),
        ("RecommendedScores", "CosinesOfBest"),
    ];

    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Output_columns_have_the_names_given_and_the_usual_values_also_once_loaded()
    {
        IDataView users = RingShop.TrainingUsers<string>(_context, 20);
        using SsnaTransformer usual = RingShop.Fit<string>(_context);
        SsnaTrainer trainer = _context.Recommendation().Trainers.Ssna(Renamed());
        EstimatorChecks.Run(_context, trainer, users); // what it promises is what it delivers
        using SsnaTransformer model = trainer.Fit(RingShop.TrainingUsers<string>(_context));
        using var loaded = (SsnaTransformer)EstimatorChecks.SaveAndLoad(_context, model, users.Schema, out _);
        foreach ((string name, string given) in s_outputs)
        {
            string[] expected = [.. DataViews.Values(usual.Transform(users), name)];
            foreach (IDataView scored in new[] { model.Transform(users), loaded.Transform(users) })
            {
                CollectionAssert.AreEqual(expected, DataViews.Values(scored, given).ToArray(), given);
                Assert.IsNull(scored.Schema.GetColumnOrNull(name));
            }
        }
    }

    [TestMethod]
    public void The_column_of_item_ids_has_the_name_given_wherever_items_are_read_or_written()
    {
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(Renamed())
            .Fit(RingShop.TrainingUsers<string>(_context));
        Assert.AreEqual("item07", DataViews.Values(model.GetItemEmbeddings(), "Id")[7]);
        using SsnaTransformer replaced = model.WithItems(Ids(RingShop.Items<string>(_context, [5])));
        Assert.AreEqual(RingShop.ItemCount, replaced.ItemCount);
        StringAssert.Contains(
            Assert.Throws<Exception>(() => model.WithItems(RingShop.Items<string>(_context, [5]))).Message,
            "'Id'"
        );
    }

    [TestMethod]
    public void Validation_labels_are_read_from_the_column_given()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        options.ValidationLabelColumnName = "Next";
        // In a column of the usual name there is nothing that could be validated on.
        options.ValidationSet = _context.Data.LoadFromEnumerable([
            new
            {
                Sequence = new[] { "item01", "item02" },
                Label = "nothing we have",
                Next = "item03",
            },
        ]);
        using SsnaTransformer model = _context
            .Recommendation()
            .Trainers.Ssna(options)
            .Fit(RingShop.TrainingUsers<string>(_context, 30));
        Assert.AreEqual(1, model.Training.ValidationCases);
    }

    [TestMethod]
    public void User_embeddings_are_in_the_column_asked_for()
    {
        IDataView users = RingShop.TrainingUsers<string>(_context, 20);
        IDataView embedded = RingShopModel.Value.GetUserEmbeddings(users, "Vector");
        CollectionAssert.AreEqual(
            DataViews.Values(RingShopModel.Value.GetUserEmbeddings(users), "Embedding").ToArray(),
            DataViews.Values(embedded, "Vector").ToArray()
        );
        Assert.IsNull(embedded.Schema.GetColumnOrNull("Embedding"));
    }

    /// <summary>The options of <see cref="RingShop.Fit"/>, with other names.</summary>
    private SsnaTrainer.Options Renamed()
    {
        SsnaTrainer.Options options = RingShop.Options<string>(_context);
        options.MaximumEpochs = 1;
        options.Items = Ids(options.Items!);
        options.ItemColumnName = "Id";
        options.ScoreColumnName = s_outputs[0].Given;
        options.RecommendedItemsColumnName = s_outputs[1].Given;
        options.RecommendedScoresColumnName = s_outputs[2].Given;
        return options;
    }

    /// <summary>Items whose ids are in the column "Id", and in none of the usual name.</summary>
    private IDataView Ids(IDataView items) =>
        _context
            .Transforms.CopyColumns("Id", "Item")
            .Append(_context.Transforms.DropColumns("Item"))
            .Fit(items)
            .Transform(items);
}
