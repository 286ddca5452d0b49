using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>Whose cancellation stops an extraction in an item pipeline: in training, and in the model that was trained.</summary>
[TestClass]
public sealed class ItemPipelineCancellationTests : IDisposable
{
    private static readonly MLContext s_context = new(1);
    private static readonly TemporaryFolder s_encoder = new();

    private readonly CancellationTokenSource _cancellation = new();
    private int _batches;
    private bool _cancelExtraction;

    [ClassInitialize]
    public static void WriteEncoder(TestContext _) => TinyEncoder.Write(s_encoder.Path);

    [ClassCleanup]
    public static void DeleteEncoder() => s_encoder.Dispose();

    public void Dispose() => _cancellation.Dispose();

    [TestMethod]
    public void The_trainers_token_stops_the_extraction_of_its_items_after_a_batch()
    {
        SsnaTrainer.Options options = Options();
        options.CancellationToken = _cancellation.Token;
        _cancelExtraction = true;
        Assert.Throws<OperationCanceledException>(() => Fit(options));
        Assert.AreEqual(1, _batches);
    }

    [TestMethod]
    public void The_trainers_token_stops_a_pipeline_that_reads_its_extraction_while_it_is_fitted()
    {
        SsnaTrainer.Options options = Options();
        options.ItemPipeline = Extraction().Append(s_context.Transforms.NormalizeMeanVariance("Layers"));
        options.CancellationToken = _cancellation.Token;
        _cancelExtraction = true;
        Assert.Throws<OperationCanceledException>(() => Fit(options));
        Assert.AreEqual(1, _batches);
    }

    [TestMethod]
    public void The_extractions_own_token_stops_training_too()
    {
        SsnaTrainer.Options options = Options(_cancellation.Token);
        _cancelExtraction = true;
        Assert.Throws<OperationCanceledException>(() => Fit(options));
        Assert.AreEqual(1, _batches);
    }

    [TestMethod]
    public void A_searchs_token_stops_the_extraction_of_its_items_also_where_several_trials_share_it()
    {
        SsnaTrainer.Options trainer = Options();
        trainer.CancellationToken = _cancellation.Token;
        _cancelExtraction = true;
        var search = new SsnaGridSearch.Options
        {
            Trainer = trainer,
            // Two kinds of inputs, which the search reads through a cache.
            Axes =
            [
                SsnaSearchAxis.Of(
                    "LayerCount",
                    [1, 2],
                    (ItemAdaptation.Ssna ssna, int value) => ssna.LayerCount = value
                ),
            ],
        };
        IDataView users = RingShop.TrainingUsers<string>(s_context, 10);
        Assert.Throws<Exception>(() => s_context.Recommendation().Trainers.SsnaGridSearch(search).Fit(users));
        Assert.AreEqual(1, _batches);
    }

    [TestMethod]
    public void A_model_kept_on_cancellation_extracts_new_items_all_the_same()
    {
        SsnaTrainer.Options options = Options(_cancellation.Token);
        options.CancellationToken = _cancellation.Token;
        options.KeepBestOnCancellation = true;
        options.Progress = new Calling<SsnaTrainingProgress>(_cancellation.Cancel);
        using SsnaTransformer model = Fit(options);
        Assert.HasCount(1, model.Training.Epochs);
        using SsnaTransformer larger = model.WithItems(NewItems(1));
        Assert.AreEqual(RingShop.ItemCount + 1, larger.ItemCount);
    }

    [TestMethod]
    public void Items_that_are_added_stop_for_their_own_token_after_a_batch()
    {
        SsnaTrainer.Options options = Options();
        options.MaximumEpochs = 1;
        using SsnaTransformer model = Fit(options);
        _batches = 0;
        _cancelExtraction = true;
        Assert.Throws<OperationCanceledException>(() => model.WithItems(NewItems(20), _cancellation.Token));
        Assert.AreEqual(1, _batches);
    }

    private SsnaTransformer Fit(SsnaTrainer.Options options) =>
        s_context.Recommendation().Trainers.Ssna(options).Fit(RingShop.TrainingUsers<string>(s_context, 30));

    private SsnaTrainer.Options Options(CancellationToken ofExtraction = default)
    {
        SsnaTrainer.Options options = RingShop.Options<string>(s_context);
        options.Items = TextShop.Items(s_context);
        options.ItemPipeline = Extraction(ofExtraction);
        return options;
    }

    private EncoderLayersEstimator Extraction(CancellationToken token = default) =>
        s_context.Transforms.Text.ExtractEncoderLayers(
            new EncoderLayersEstimator.Options
            {
                InputColumnName = "Text",
                Model = s_encoder.Path,
                Layers = RingShop.Layers,
                TokensPerBatch = 16,
                CancellationToken = token,
                Progress = new Calling<EncoderLayersProgress>(() =>
                {
                    _batches++;
                    if (_cancelExtraction)
                    {
                        _cancellation.Cancel();
                    }
                }),
            }
        );

    // Texts that training has not seen.
    private static IDataView NewItems(int count) =>
        s_context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, count)
                .Select(item => new TextShop.TextRow
                {
                    Item = $"new{item}",
                    Text = $"with {TinyEncoder.Words[item % 12]} with {TinyEncoder.Words[(item / 12) + 5]}",
                })
        );

    private sealed class Calling<T>(Action action) : IProgress<T>
    {
        public void Report(T value) => action();
    }
}
