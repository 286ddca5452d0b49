using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Tests;

/// <summary>Encoders and adapters that are named by their ids on a hub, which listens on loopback.</summary>
[TestClass]
public sealed class TrainedEncoderByIdTests : IDisposable
{
    private const string Encoder = "owner/tiny-model";
    private const string Adapter = "owner/tiny-adapter";

    private static readonly MLContext s_context = new(1);

    private readonly HubServer _server = new();
    private readonly TemporaryFolder _folder = new();

    public TrainedEncoderByIdTests()
    {
        TinyEncoder.Write(_folder["encoder"]);
        _server.Add(Encoder, HubServer.FilesOf(_folder["encoder"]));
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void The_encoder_is_fetched_when_training_begins_and_trained_as_the_folders_is()
    {
        SsnaTrainer.Options options = Options(LoRA(Encoder, "cache"));
        SsnaTrainer trainer = s_context.Recommendation().Trainers.Ssna(options);
        Assert.IsEmpty(_server.Requests, "a trainer is made without a question");
        using SsnaTransformer named = trainer.Fit(RingShop.TrainingUsers<string>(s_context));
        using SsnaTransformer local = Fit(LoRA(_folder["encoder"], "none"));
        named.Save(_folder["named.zip"]);
        local.Save(_folder["local.zip"]);
        AssertRecommendEqually(local, named);
        Assert.IsFalse(Directory.Exists(_folder["none"]));
        int asked = _server.Requests.Count;
        using SsnaTransformer again = trainer.Fit(RingShop.TrainingUsers<string>(s_context));
        Assert.AreEqual(asked, _server.Requests.Count, "a trainer looks its encoder up once");
    }

    [TestMethod]
    public void An_adapter_is_fetched_too_and_is_what_training_starts_from()
    {
        using (SsnaTransformer model = Fit(LoRA(_folder["encoder"], "none")))
        {
            model.SaveAdapter(_folder["adapter"]);
        }
        _server.Add(Adapter, HubServer.FilesOf(_folder["adapter"]));
        ItemAdaptation.LoRA named = LoRA(Encoder, "cache");
        named.InitialAdapter = Adapter;
        ItemAdaptation.LoRA local = LoRA(_folder["encoder"], "none");
        local.InitialAdapter = _folder["adapter"];
        using SsnaTransformer one = Fit(named);
        using SsnaTransformer other = Fit(local);
        AssertRecommendEqually(other, one);
        CollectionAssert.AreEquivalent(
            new[] { "adapter_config.json", "adapter_model.safetensors" },
            Directory
                .GetFiles(
                    _folder["cache", "models--owner--tiny-adapter", "snapshots"],
                    "*",
                    SearchOption.AllDirectories
                )
                .Select(path => Path.GetFileName(path))
                .ToArray()
        );
    }

    [TestMethod]
    public void What_tells_trainings_apart_is_the_same_wherever_the_cache_lies()
    {
        SortedDictionary<string, string> one = OptionsIdentity.Of(Options(LoRA(Encoder, "one")), seed: 1);
        SortedDictionary<string, string> other = OptionsIdentity.Of(Options(LoRA(Encoder, "another")), seed: 1);
        Assert.IsNull(OptionsIdentity.Difference(one, other));
        SortedDictionary<string, string> local = OptionsIdentity.Of(Options(LoRA(_folder["encoder"], "x")), seed: 1);
        Assert.IsNull(OptionsIdentity.Difference(local, one), "nor does it matter that it is a folder");
        Assert.IsFalse(one.Values.Any(value => value.Contains(_folder.Path, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_search_fetches_the_encoder_once_for_all_its_trials()
    {
        SsnaTrainer.Options options = Options(LoRA(Encoder, "cache"));
        options.MaximumEpochs = 1;
        using SsnaSearchResult found = s_context
            .Recommendation()
            .Trainers.SsnaGridSearch(
                new SsnaGridSearch.Options
                {
                    Trainer = options,
                    Axes = [SsnaSearchAxis.Of("LearningRate", [1e-3f, 3e-3f], (o, rate) => o.LearningRate = rate)],
                }
            )
            .Fit(RingShop.TrainingUsers<string>(s_context));
        Assert.HasCount(2, found.Trials);
        Assert.AreEqual(
            1,
            _server.Requests.Count(request => request.Path.StartsWith("/api/", StringComparison.Ordinal))
        );
    }

    [TestMethod]
    public void What_could_not_be_checked_before_is_refused_when_training_begins()
    {
        ItemAdaptation.LoRA lora = LoRA(Encoder, "cache");
        lora.MaximumTokens = 25;
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(lora));
        StringAssert.Contains(error.Message, "Adaptation.MaximumTokens");
        var missing = Assert.Throws<FileNotFoundException>(() => Fit(LoRA("owner/no-model", "cache")));
        StringAssert.Contains(missing.Message, "owner/no-model");
    }

    private ItemAdaptation.LoRA LoRA(string encoder, string cache) =>
        new()
        {
            Encoder = encoder,
            Hub = new ModelHub
            {
                CacheFolder = _folder[cache],
                Endpoint = _server.Endpoint,
                Token = "",
                Offline = false,
            },
        };

    private static SsnaTrainer.Options Options(ItemAdaptation.LoRA kind)
    {
        SsnaTrainer.Options options = TextShop.Options(s_context, kind);
        options.MaximumEpochs = 1;
        return options;
    }

    private static SsnaTransformer Fit(ItemAdaptation.LoRA kind) =>
        s_context.Recommendation().Trainers.Ssna(Options(kind)).Fit(RingShop.TrainingUsers<string>(s_context));

    private static void AssertRecommendEqually(SsnaTransformer expected, SsnaTransformer found)
    {
        string[] items = [.. expected.GetItemIds<string>()];
        CollectionAssert.AreEqual(items, found.GetItemIds<string>().ToArray());
        foreach (string item in items)
        {
            CollectionAssert.AreEqual(
                expected.Recommend([item], k: 5).ToArray(),
                found.Recommend([item], k: 5).ToArray(),
                item
            );
        }
    }
}
