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
    public void Equal_texts_are_computed_once_and_a_second_pass_computes_nothing()
    {
        using EncoderLayersTransformer transformer = Fit();
        float[][] first = Layers(transformer, View("red pan", "blue pot", "red pan"));
        Assert.AreEqual(2, transformer.Computed.Texts);
        float[][] second = Layers(transformer, View("red pan", "blue pot", "red pan"));
        Assert.AreEqual(2, transformer.Computed.Texts);
        for (int i = 0; i < first.Length; i++)
        {
            CollectionAssert.AreEqual(first[i], second[i]);
        }
        CollectionAssert.AreEqual(first[0], first[2]);
    }

    [TestMethod]
    public void Without_a_memory_budget_every_pass_computes_again()
    {
        using EncoderLayersTransformer transformer = Fit(options => options.MemoryBudget = 0);
        Layers(transformer, View("red pan"));
        Layers(transformer, View("red pan"));
        Assert.AreEqual(2, transformer.Computed.Texts);
    }

    [TestMethod]
    public void Reading_other_columns_runs_no_encoder()
    {
        using EncoderLayersTransformer transformer = Fit();
        IDataView output = transformer.Transform(View("red pan", "blue pot"));
        int[] numbers = [.. output.GetColumn<int>("Number")];
        CollectionAssert.AreEqual(new[] { 0, 1 }, numbers);
        Assert.AreEqual(0, transformer.Computed.Texts);
    }

    [TestMethod]
    public void A_cache_folder_leaves_only_new_texts_to_compute()
    {
        using var cache = new TemporaryFolder();
        float[][] first;
        using (EncoderLayersTransformer transformer = Fit(options => options.CacheFolder = cache.Path))
        {
            first = Layers(transformer, View("red pan", "blue pot"));
        }
        using EncoderLayersTransformer again = Fit(options => options.CacheFolder = cache.Path);
        float[][] second = Layers(again, View("red pan", "green cup", "blue pot"));
        Assert.AreEqual(1, again.Computed.Texts);
        CollectionAssert.AreEqual(first[0], second[0]);
        CollectionAssert.AreEqual(first[1], second[2]);
    }

    [TestMethod]
    public void Another_model_or_setting_does_not_meet_the_cache_of_the_first()
    {
        using var cache = new TemporaryFolder();
        using (EncoderLayersTransformer transformer = Fit(options => options.CacheFolder = cache.Path))
        {
            Layers(transformer, View("red pan"));
        }
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path, seed: 2);
        Action<EncoderLayersEstimator.Options>[] changes =
        [
            options => options.Model = folder.Path,
            options => options.MaximumTokens = 3,
            options => options.Precision = ComputePrecision.BFloat16,
        ];
        foreach (Action<EncoderLayersEstimator.Options> change in changes)
        {
            using EncoderLayersTransformer other = Fit(options =>
            {
                options.CacheFolder = cache.Path;
                change(options);
            });
            Layers(other, View("red pan"));
            Assert.AreEqual(1, other.Computed.Texts);
        }
    }

    [TestMethod]
    public void A_damaged_or_truncated_cache_costs_time_and_nothing_else()
    {
        using var cache = new TemporaryFolder();
        string[] texts = RandomTexts(20, seed: 5).Distinct().ToArray();
        float[][] expected;
        using (EncoderLayersTransformer transformer = Fit(options => options.CacheFolder = cache.Path))
        {
            expected = Layers(transformer, View(texts));
        }
        string file = Directory.GetFiles(cache.Path).Single();
        byte[] bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0x40;
        File.WriteAllBytes(file, bytes[..^5]);
        using EncoderLayersTransformer again = Fit(options => options.CacheFolder = cache.Path);
        AreClose(expected, Layers(again, View(texts)));
        Assert.AreEqual(2, again.Computed.Texts, "the damaged text and the one cut short");
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
    public void Progress_counts_texts_and_tokens()
    {
        var reports = new List<EncoderLayersProgress>();
        using EncoderLayersTransformer transformer = Fit(options =>
            (options.Progress, options.TokensPerBatch) = (new Reports(reports), 5)
        );
        Layers(transformer, View("red pan", "blue pot lid", ""));
        Assert.HasCount(3, reports);
        Assert.AreEqual(3, reports[^1].Texts);
        Assert.AreEqual(4 + 5 + 2, reports[^1].Tokens);
    }

    [TestMethod]
    public void Threads_are_set_while_computing_and_set_back()
    {
        int before = TorchSharp.torch.get_num_threads();
        int during = 0;
        using EncoderLayersTransformer transformer = Fit(options =>
        {
            options.Threads = before + 1;
            options.Progress = new Watch(() => during = TorchSharp.torch.get_num_threads());
        });
        Layers(transformer, View("red pan"));
        Assert.AreEqual(before + 1, during);
        Assert.AreEqual(before, TorchSharp.torch.get_num_threads());
    }

    private sealed class Watch(Action look) : IProgress<EncoderLayersProgress>
    {
        public void Report(EncoderLayersProgress value) => look();
    }

    private sealed class Reports(List<EncoderLayersProgress> list) : IProgress<EncoderLayersProgress>
    {
        public void Report(EncoderLayersProgress value) => list.Add(value);
    }

    [TestMethod]
    public void Cancellation_stops_between_batches_and_keeps_what_was_done()
    {
        using var cancellation = new CancellationTokenSource();
        using EncoderLayersTransformer transformer = Fit(options =>
        {
            options.TokensPerBatch = 4;
            options.CancellationToken = cancellation.Token;
            options.Progress = new CancelAfterFirst(cancellation);
        });
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            Layers(transformer, View("red pan", "blue pot", "green cup"))
        );
        Assert.AreEqual(1, transformer.Computed.Texts);
    }

    private sealed class CancelAfterFirst(CancellationTokenSource source) : IProgress<EncoderLayersProgress>
    {
        public void Report(EncoderLayersProgress value) => source.Cancel();
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
        IsRefused("Model", options => options.Model = "");
        IsRefused(Folder["nowhere"], options => options.Model = Folder["nowhere"]);
        IsRefused("Layers", options => options.Layers = 0);
        IsRefused("Layers", options => options.Layers = TinyEncoder.Layers + 1);
        IsRefused("MaximumTokens", options => options.MaximumTokens = 1);
        IsRefused("MaximumTokens", options => options.MaximumTokens = TinyEncoder.MaximumTokens + 1);
        IsRefused("LookAheadRows", options => options.LookAheadRows = 0);
        IsRefused("TokensPerBatch", options => options.TokensPerBatch = 0);
        IsRefused("Threads", options => options.Threads = 0);
        IsRefused("MemoryBudget", options => options.MemoryBudget = -1);
        IsRefused("Float16", options => options.Precision = ComputePrecision.Float16);
        IsRefused("GpuDeviceId", options => options.GpuDeviceId = 99);
    }

    [TestMethod]
    public void Parallel_cursors_give_the_values_of_one()
    {
        string[] texts = RandomTexts(400, seed: 7);
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["texts.tsv"], texts.Select((text, i) => $"{i}\t{text}"));
        IDataView data = _mlContext.Data.LoadFromTextFile(
            folder["texts.tsv"],
            [new("Number", DataKind.Int32, 0), new("Text", DataKind.String, 1)]
        );
        using EncoderLayersTransformer single = Fit();
        using EncoderLayersTransformer parallel = Fit(options => options.LookAheadRows = 32);
        IDataView output = parallel.Transform(data);
        float[][] actual = new float[texts.Length][];
        Parallel.ForEach(
            output.GetRowCursorSet(output.Schema, 4),
            cursor =>
            {
                using (cursor)
                {
                    ValueGetter<int> getNumber = cursor.GetGetter<int>(output.Schema["Number"]);
                    ValueGetter<VBuffer<float>> getLayers = cursor.GetGetter<VBuffer<float>>(output.Schema["Layers"]);
                    while (cursor.MoveNext())
                    {
                        int number = 0;
                        VBuffer<float> layers = default;
                        getNumber(ref number);
                        getLayers(ref layers);
                        actual[number] = [.. layers.DenseValues()];
                    }
                }
            }
        );
        AreClose(Layers(single, data), actual);
        Assert.AreEqual(texts.Distinct().Count(), parallel.Computed.Texts);
    }

    [TestMethod]
    public void The_log_tells_precision_speed_and_texts_cut()
    {
        var lines = new List<string>();
        _mlContext.Log += (_, line) => lines.Add(line.RawMessage);
        using EncoderLayersTransformer transformer = Fit(options => options.MaximumTokens = 4);
        Layers(transformer, View("red pan", "red pan lid cup"));
        Assert.IsTrue(lines.Any(line => line.Contains($"precision {transformer.Precision}", StringComparison.Ordinal)));
        Assert.IsTrue(lines.Any(line => line.Contains("tokens/s", StringComparison.Ordinal)));
        Assert.IsTrue(lines.Any(line => line.Contains("1 were longer than 4 tokens", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_disposed_transformer_says_so()
    {
        EncoderLayersTransformer transformer = Fit();
        IDataView output = transformer.Transform(View("red pan"));
        transformer.Dispose();
        transformer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => _ = output.GetColumn<float[]>("Layers").ToArray());
    }

    private static byte[] Save(ITransformer transformer)
    {
        using var stream = new MemoryStream();
        new MLContext().Model.Save(transformer, null, stream);
        return stream.ToArray();
    }

    private ITransformer Load(byte[] zip)
    {
        using var stream = new MemoryStream(zip);
        return _mlContext.Model.Load(stream, out _);
    }

    [TestMethod]
    public void A_missing_gpu_is_the_cpu_where_that_is_allowed()
    {
        using EncoderLayersTransformer transformer = Fit(options =>
            (options.GpuDeviceId, options.FallbackToCpu) = (99, true)
        );
        Assert.HasCount(1, Layers(transformer, View("red pan")));
    }
}
