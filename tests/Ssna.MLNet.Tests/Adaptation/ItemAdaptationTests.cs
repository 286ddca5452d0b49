using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>Every kind of adaptation on the ring shop: learned, saved, loaded, and with items added.</summary>
[TestClass]
public sealed class ItemAdaptationTests
{
    private static readonly MLContext s_context = new(1);
    private static readonly Dictionary<string, SsnaTransformer> s_models = [];

    [ClassInitialize]
    public static void Fit(TestContext _)
    {
        foreach (ItemAdaptation kind in Kinds())
        {
            s_models[Label(kind)] = s_context
                .Recommendation()
                .Trainers.Ssna(Options(kind))
                .Fit(RingShop.TrainingUsers<string>(s_context));
        }
    }

    [ClassCleanup]
    public static void Free()
    {
        foreach (SsnaTransformer model in s_models.Values)
        {
            model.Dispose();
        }
    }

    public static IEnumerable<object[]> Names => Kinds().Select(kind => new object[] { Label(kind) });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Learns_the_rule_that_the_users_follow(string kind)
    {
        SsnaTrainingSummary training = s_models[kind].Training;
        // Ten of the sixty items by chance would be a sixth.
        Assert.IsGreaterThan(0.5, training.Epochs[training.BestEpoch - 1].ValidationRecallAt10);
        int right = 0;
        for (int from = 0; from < RingShop.ItemCount; from++)
        {
            string[] history = [.. RingShop.Walk(from, 5).Select(RingShop.Id<string>)];
            string next = RingShop.Id<string>((from + 5) % RingShop.ItemCount);
            right += s_models[kind].Recommend(history, 3).Any(best => best.Item == next) ? 1 : 0;
        }
        Assert.IsGreaterThan(RingShop.ItemCount / 2, right, "chance finds three");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_new_process_loads_it_and_scores_equally(string kind) =>
        NewProcess.AssertScoresEqually(s_context, s_models[kind]);

    [TestMethod]
    [DataRow(nameof(ItemAdaptation.Ssna))]
    [DataRow("TopMixture")]
    [DataRow(nameof(ItemAdaptation.TopMlp))]
    public void New_items_are_embedded_from_their_features_also_once_loaded(string kind)
    {
        IDataView users = RingShop.TrainingUsers<string>(s_context, 10);
        using var loaded = (SsnaTransformer)EstimatorChecks.SaveAndLoad(s_context, s_models[kind], users.Schema, out _);
        IDataView added = s_context.Data.LoadFromEnumerable([
            new RingShop.ItemRow<string> { Item = "new", Layers = RingShop.Features(20) },
        ]);
        foreach (SsnaTransformer model in new[] { s_models[kind], loaded })
        {
            using SsnaTransformer larger = model.WithItems(added);
            Assert.AreEqual("item20", larger.GetSimilarItems("new", 1)[0].Item);
            Assert.AreEqual(1, larger.GetSimilarItems("new", 1)[0].Score, 1e-4);
        }
        var error = Assert.Throws<Exception>(() =>
            loaded.WithItems(s_context.Data.LoadFromEnumerable([new { Item = "new", Layers = new float[4] }]))
        );
        StringAssert.Contains(error.Message, "Layers");
    }

    [TestMethod]
    public void A_model_of_ids_alone_takes_no_new_items_and_says_why()
    {
        SsnaTransformer model = s_models[nameof(ItemAdaptation.ItemIds)];
        using SsnaTransformer fewer = model.WithoutItems(["item03"]);
        foreach ((SsnaTransformer with, string item) in new[] { (model, "new"), (fewer, "item03") })
        {
            IDataView added = s_context.Data.LoadFromEnumerable([new { Item = "item01" }, new { Item = item }]);
            var error = Assert.Throws<InvalidOperationException>(() => with.WithItems(added));
            StringAssert.Contains(error.Message, $"'{item}'");
            StringAssert.Contains(error.Message, "ids alone");
        }
        using SsnaTransformer same = fewer.WithItems(s_context.Data.LoadFromEnumerable([new { Item = "item05" }]));
        IDataView users = RingShop.TrainingUsers<string>(s_context, 10);
        CollectionAssert.AreEqual(
            DataViews.Lines(fewer.Transform(users)).ToArray(),
            DataViews.Lines(same.Transform(users)).ToArray()
        );
    }

    [TestMethod]
    public void What_is_trained_is_counted()
    {
        // Of the encoders: heads n, layers a, features D wide, embeddings d wide, I items.
        const long n = 2;
        const long a = RingShop.Layers;
        const long width = RingShop.Width;
        const long d = 16;
        long adapter = (n * width * d) + (n * width) + (2 * n * width);
        long gru = (2 * 3 * d * d) + (2 * 3 * d);
        long sequence = Count(nameof(ItemAdaptation.ItemIds)) - (RingShop.ItemCount * d);
        Assert.AreEqual(sequence + (a * adapter) + gru, Count(nameof(ItemAdaptation.Ssna)));
        Assert.AreEqual(sequence + adapter, Count("TopMixture"));
        Assert.AreEqual(sequence + (width * d) + d + (d * d) + d, Count(nameof(ItemAdaptation.TopMlp)));

        static long Count(string kind) => s_models[kind].Training.TrainableParameters;
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void The_papers_preset_suits_every_kind(string kind)
    {
        SsnaTrainer.Options options = SsnaTrainer.Options.Paper(Kinds().Single(each => Label(each) == kind));
        options.Items = RingShop.Items<string>(s_context);
        Assert.IsNotNull(s_context.Recommendation().Trainers.Ssna(options));
    }

    [TestMethod]
    public void Settings_that_are_out_of_range_are_named()
    {
        Names(new ItemAdaptation.TopMlp { LinearLayers = 0 }, _ => { }, "Adaptation.LinearLayers", "1 to 3", "0");
        Names(new ItemAdaptation.TopMlp { LinearLayers = 4 }, _ => { }, "Adaptation.LinearLayers", "4");
        Names(null, _ => { }, "Adaptation", "null");
        var none = LayerIntegration.None;
        Names(new ItemAdaptation.Ssna { LayerCount = 2, Integration = none }, _ => { }, "Adaptation.Integration", "2");
        Names(new ItemAdaptation.Ssna { FeaturesColumnName = "" }, _ => { }, "Adaptation.FeaturesColumnName");
        Names(new ItemAdaptation.Ssna { AdapterHeads = 0 }, _ => { }, "Adaptation.AdapterHeads", "at least 1");
        Names(new ItemAdaptation.TopMlp { FeatureDropout = 1 }, _ => { }, "Adaptation.FeatureDropout", "less than 1");
        Names(new ItemAdaptation.TopMlp { FeatureScaling = (FeatureScaling)7 }, _ => { }, "Adaptation.FeatureScaling");
        Names(new ItemAdaptation.ItemIds(), o => o.AccumulatedBatches = 0, "AccumulatedBatches", "at least 1");

        static void Names(ItemAdaptation? kind, Action<SsnaTrainer.Options> change, params string[] words)
        {
            SsnaTrainer.Options options = kind is null ? RingShop.Options<string>(s_context) : Options(kind);
            options.Adaptation = kind!;
            change(options);
            var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
                s_context.Recommendation().Trainers.Ssna(options)
            );
            foreach (string word in words)
            {
                StringAssert.Contains(error.Message, word);
            }
        }
    }

    [TestMethod]
    public void Changes_to_the_adaptation_after_the_call_do_not_reach_the_trainer()
    {
        var mlp = new ItemAdaptation.TopMlp { LinearLayers = 1 };
        SsnaTrainer.Options options = Options(mlp);
        options.MaximumEpochs = 1;
        SsnaTrainer trainer = s_context.Recommendation().Trainers.Ssna(options);
        mlp.LinearLayers = 3;
        using SsnaTransformer model = trainer.Fit(RingShop.TrainingUsers<string>(s_context, 20));
        long two = s_models[nameof(ItemAdaptation.TopMlp)].Training.TrainableParameters;
        Assert.IsLessThan(two, model.Training.TrainableParameters);
    }

    private static ItemAdaptation[] Kinds() =>
        [
            new ItemAdaptation.Ssna { AdapterHeads = 2, FeatureDropout = 0 },
            new ItemAdaptation.Ssna
            {
                LayerCount = 1,
                Integration = LayerIntegration.None,
                AdapterHeads = 2,
                FeatureDropout = 0,
            },
            new ItemAdaptation.TopMlp { FeatureDropout = 0 },
            new ItemAdaptation.ItemIds(),
        ];

    private static string Label(ItemAdaptation kind) =>
        kind is ItemAdaptation.Ssna { Integration: LayerIntegration.None } ? "TopMixture" : $"{kind}";

    private static SsnaTrainer.Options Options(ItemAdaptation kind)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        options.Adaptation = kind;
        options.Patience = options.MaximumEpochs; // linear layers stand still for a while before they learn
        if (kind is ItemAdaptation.ItemIds)
        {
            // It needs no features.
            options.Items = s_context.Transforms.SelectColumns("Item").Fit(options.Items).Transform(options.Items);
        }
        return options;
    }
}
