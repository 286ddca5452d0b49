using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests;

[TestClass]
public sealed partial class EncoderLayersTests
{
    private static readonly TemporaryFolder Folder = new();
    private static readonly string Model = Folder["encoder"];
    private readonly MLContext _mlContext = new(seed: 1);

    private sealed class Row
    {
        public int Number { get; set; }
        public string Text { get; set; } = "";
    }

    private sealed class Layered
    {
        public int Number { get; set; }

        [VectorType(2, TinyEncoder.Width)]
        public float[] Layers { get; set; } = [];
    }

    [ClassInitialize]
    public static void WriteEncoder(TestContext _) => TinyEncoder.Write(Model);

    [ClassCleanup]
    public static void DeleteEncoder() => Folder.Dispose();

    private EncoderLayersEstimator.Options Options(Action<EncoderLayersEstimator.Options>? change = null)
    {
        var options = new EncoderLayersEstimator.Options
        {
            InputColumnName = "Text",
            Model = Model,
            Layers = 2,
        };
        change?.Invoke(options);
        return options;
    }

    private EncoderLayersTransformer Fit(Action<EncoderLayersEstimator.Options>? change = null) =>
        _mlContext.Transforms.Text.ExtractEncoderLayers(Options(change)).Fit(View());

    private IDataView View(params string[] texts) =>
        _mlContext.Data.LoadFromEnumerable(texts.Select((text, i) => new Row { Number = i, Text = text }));

    private float[][] Layers(ITransformer transformer, IDataView data) =>
        [
            .. _mlContext
                .Data.CreateEnumerable<Layered>(transformer.Transform(data), reuseRowObject: false)
                .Select(row => row.Layers),
        ];

    private static string[] RandomTexts(int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ =>
                    string.Join(
                        ' ',
                        Enumerable
                            .Range(0, random.Next(0, 12))
                            .Select(_ => TinyEncoder.Words[random.Next(TinyEncoder.Words.Count)])
                    )
                ),
        ];
    }

    private static void AreClose(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            for (int j = 0; j < expected[i].Length; j++)
            {
                Assert.AreEqual(expected[i][j], actual[i][j], 1e-5f, $"row {i}, slot {j}");
            }
        }
    }

    [TestMethod]
    public void The_estimator_keeps_its_promises()
    {
        EstimatorChecks.Run(
            _mlContext,
            _mlContext.Transforms.Text.ExtractEncoderLayers(Options()),
            View("red pan", "", "blue pot with lid"),
            (_mlContext.Data.LoadFromEnumerable(new[] { new { Other = "x" } }), ["Text"]),
            (_mlContext.Data.LoadFromEnumerable(new[] { new { Text = 1f } }), ["Text", "String", "Single"])
        );
    }

    [TestMethod]
    public void The_output_is_a_vector_of_layers_by_width()
    {
        using EncoderLayersTransformer transformer = Fit();
        var type = (VectorDataViewType)transformer.GetOutputSchema(View().Schema)["Layers"].Type;
        CollectionAssert.AreEqual(new[] { 2, TinyEncoder.Width }, type.Dimensions);
        Assert.AreEqual(NumberDataViewType.Single, type.ItemType);
    }

    [TestMethod]
    public void Window_batch_order_and_company_of_a_text_change_nothing()
    {
        string[] texts = RandomTexts(60, seed: 3);
        using EncoderLayersTransformer all = Fit();
        float[][] expected = Layers(all, View(texts));
        using (
            EncoderLayersTransformer small = Fit(options => (options.LookAheadRows, options.TokensPerBatch) = (7, 20))
        )
        {
            AreClose(expected, Layers(small, View(texts)));
        }
        using (EncoderLayersTransformer turned = Fit())
        {
            AreClose([.. expected.Reverse()], Layers(turned, View([.. texts.Reverse()])));
        }
        for (int i = 0; i < 5; i++)
        {
            using EncoderLayersTransformer alone = Fit();
            AreClose([expected[i]], Layers(alone, View(texts[i])));
        }
    }

    [TestMethod]
    public void The_top_layer_comes_first_and_fewer_layers_are_a_beginning_of_more()
    {
        using EncoderLayersTransformer two = Fit();
        using EncoderLayersTransformer one = Fit(options => options.Layers = 1);
        float[] top = _mlContext
            .Data.CreateEnumerable<TopLayer>(one.Transform(View("red pan")), reuseRowObject: false)
            .Single()
            .Layers;
        AreClose([top], [Layers(two, View("red pan"))[0][..TinyEncoder.Width]]);
    }

    private sealed class TopLayer
    {
        [VectorType(1, TinyEncoder.Width)]
        public float[] Layers { get; set; } = [];
    }

    [TestMethod]
    public void A_text_longer_than_the_encoder_takes_is_cut_and_counted()
    {
        using EncoderLayersTransformer transformer = Fit();
        string words = string.Join(' ', Enumerable.Repeat("red", TinyEncoder.MaximumTokens - 2));
        float[][] layers = Layers(transformer, View(words, words + " pan", "red"));
        Assert.AreEqual(1, transformer.Computed.TruncatedTexts);
        AreClose([layers[0]], [layers[1]]);
    }

    [TestMethod]
    public void A_prediction_engine_gives_what_transform_gives()
    {
        using EncoderLayersTransformer transformer = Fit();
        using PredictionEngine<Row, Layered> engine = _mlContext.Model.CreatePredictionEngine<Row, Layered>(
            transformer
        );
        AreClose(Layers(transformer, View("red pan")), [engine.Predict(new Row { Text = "red pan" }).Layers]);
    }

    [TestMethod]
    public void BFloat16_points_the_same_way_as_float32()
    {
        using EncoderLayersTransformer exact = Fit(options => options.Precision = ComputePrecision.Float32);
        using EncoderLayersTransformer coarse = Fit(options => options.Precision = ComputePrecision.BFloat16);
        Assert.AreEqual(ComputePrecision.BFloat16, coarse.Precision);
        float[] a = Layers(exact, View("red pan"))[0];
        float[] b = Layers(coarse, View("red pan"))[0];
        Assert.IsGreaterThan(0.999f, System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(a, b));
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        void IsRefused(string named, Action<EncoderLayersEstimator.Options> change)
        {
            Exception error = Assert.Throws<Exception>(() => Fit(change));
            StringAssert.Contains(error.Message, named);
        }
        IsRefused("OutputColumnName", options => options.OutputColumnName = "");
        IsRefused("InputColumnName", options => options.InputColumnName = "");
        IsRefused("CacheFolder", options => options.CacheFolder = "");
        IsRefused("Precision", options => options.Precision = (ComputePrecision)99);
        IsRefused("Separator", options => options.Separator = null!);
        IsRefused("Model", options => options.Model = "");
        IsRefused(Folder["nowhere"], options => options.Model = Folder["nowhere"]);
        IsRefused("Layers", options => options.Layers = 0);
        IsRefused("Layers", options => options.Layers = TinyEncoder.Layers + 1);
        IsRefused("Threads", options => options.NumberOfThreads = 0);
        IsRefused("Threads", options => options.NumberOfThreads = 10_000);
        IsRefused("MaximumTokens", options => options.MaximumTokens = 1);
        IsRefused("MaximumTokens", options => options.MaximumTokens = TinyEncoder.MaximumTokens + 1);
        IsRefused("LookAheadRows", options => options.LookAheadRows = 0);
        IsRefused("TokensPerBatch", options => options.TokensPerBatch = 0);
        IsRefused("Threads", options => options.NumberOfThreads = 0);
        IsRefused("MemoryBudget", options => options.MemoryBudget = -1);
        IsRefused("Float16", options => options.Precision = ComputePrecision.Float16);
        IsRefused("GpuDeviceId", options => options.GpuDeviceId = 99);
    }

    [TestMethod]
    public void A_vector_of_texts_is_read_as_one_text_joined_by_the_separator()
    {
        IDataView parts = _mlContext.Data.LoadFromEnumerable([
            new Parts { Text = ["red", "pan"] },
            new Parts { Text = ["", "red pan", ""] },
            new Parts { Text = [] },
        ]);
        IDataView whole = View("red pan", "red pan", "");
        using (EncoderLayersTransformer spaced = Fit())
        {
            AssertEqual(Layers(spaced, whole), Layers(spaced, parts));
            Assert.AreEqual(2, spaced.Computed.Texts);
        }
        EncoderLayersEstimator estimator = _mlContext.Transforms.Text.ExtractEncoderLayers(
            Options(options => options.Separator = " for ")
        );
        using EncoderLayersTransformer other = estimator.Fit(parts);
        float[][] expected = Layers(other, View("red for pan", "red pan", ""));
        AssertEqual(expected, Layers(other, parts));

        // The separator travels with a saved model.
        using var saved = new MemoryStream();
        _mlContext.Model.Save(other, parts.Schema, saved);
        saved.Position = 0;
        using var loaded = (IDisposable)_mlContext.Model.Load(saved, out _);
        AssertEqual(expected, Layers((ITransformer)loaded, parts));

        // What Concatenate makes of columns of text.
        IDataView columns = _mlContext.Data.LoadFromEnumerable([
            new
            {
                Number = 0,
                Title = "red",
                Genre = "pan",
            },
        ]);
        IDataView joined = _mlContext.Transforms.Concatenate("Text", "Title", "Genre").Fit(columns).Transform(columns);
        AssertEqual(Layers(other, View("red for pan")), Layers(other, joined));

        static void AssertEqual(float[][] expected, float[][] found)
        {
            Assert.HasCount(expected.Length, found);
            for (int i = 0; i < expected.Length; i++)
            {
                CollectionAssert.AreEqual(expected[i], found[i], $"row {i}");
            }
        }
    }

    [TestMethod]
    [DataRow("sentence-transformers/all-MiniLM-L6-v2", "is not in the cache")]
    [DataRow("distilbert-base-uncased", "is not in the cache")]
    [DataRow("./encoder", "Nor is it a model's id")]
    [DataRow("encoder", "Nor is it a model's id")]
    public void A_model_that_is_no_folder_is_told_from_an_id_on_the_hub(string model, string words)
    {
        var error = Assert.ThrowsExactly<FileNotFoundException>(() =>
            Fit(options =>
            {
                options.Model = model;
                options.Hub = new ModelHub { CacheFolder = Folder["hub"], Offline = true };
            })
        );
        StringAssert.Contains(error.Message, $"'{model}' does not exist");
        StringAssert.Contains(error.Message, words);
    }

    private sealed class Parts
    {
        public int Number { get; set; }

        public string[] Text { get; set; } = [];
    }

    [TestMethod]
    public void Options_that_change_later_change_nothing()
    {
        EncoderLayersEstimator.Options options = Options();
        EncoderLayersEstimator estimator = _mlContext.Transforms.Text.ExtractEncoderLayers(options);
        (options.OutputColumnName, options.InputColumnName, options.Layers) = ("Other", "Nowhere", 0);
        using EncoderLayersTransformer transformer = estimator.Fit(View());
        var type = (VectorDataViewType)transformer.GetOutputSchema(View().Schema)["Layers"].Type;
        Assert.AreEqual(2, type.Dimensions[0]);
    }
}
