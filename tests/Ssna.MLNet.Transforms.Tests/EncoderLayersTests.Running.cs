using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests;

public sealed partial class EncoderLayersTests
{
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
            options.NumberOfThreads = before + 1;
            options.Progress = new Watch(() => during = TorchSharp.torch.get_num_threads());
        });
        Layers(transformer, View("red pan"));
        Assert.AreEqual(before + 1, during);
        Assert.AreEqual(before, TorchSharp.torch.get_num_threads());
    }

    [TestMethod]
    [DataRow(ComputePrecision.Float32)]
    [DataRow(ComputePrecision.BFloat16)]
    public void The_number_of_threads_changes_nothing_beyond_rounding(ComputePrecision precision)
    {
        string[] texts = RandomTexts(60, seed: 4);
        float[][] Extract(int threads)
        {
            using EncoderLayersTransformer transformer = Fit(options =>
                (options.Precision, options.NumberOfThreads, options.TokensPerBatch) = (precision, threads, 40)
            );
            return Layers(transformer, View(texts));
        }
        float[][] one = Extract(1);
        foreach (int threads in (int[])[2, 3, 5])
        {
            float[][] more = Extract(threads);
            for (int i = 0; i < one.Length; i++)
            {
                float cosine = System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(one[i], more[i]);
                Assert.IsGreaterThan(
                    precision == ComputePrecision.Float32 ? 0.999999f : 0.999f,
                    cosine,
                    $"{threads}: {texts[i]}"
                );
            }
        }
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

    [TestMethod]
    public void A_reader_stops_an_extraction_between_batches_on_whichever_thread_it_runs()
    {
        using var cancellation = new CancellationTokenSource();
        using EncoderLayersTransformer transformer = Fit(options =>
            (options.TokensPerBatch, options.Progress) = (4, new CancelAfterFirst(cancellation))
        );
        IDataView data = transformer.Transform(View("red pan", "blue pot", "green cup"));
        using (ReaderCancellation.Begin(cancellation.Token.ThrowIfCancellationRequested))
        {
            using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
            ValueGetter<VBuffer<float>> layers = cursor.GetGetter<VBuffer<float>>(data.Schema["Layers"]);
            Task reading;
            // As on the pooled threads that fill ML.NET's caches.
            using (ExecutionContext.SuppressFlow())
            {
                reading = Task.Run(() => ReadOne(cursor, layers), CancellationToken.None);
            }
            Assert.ThrowsExactly<OperationCanceledException>(() => reading.GetAwaiter().GetResult());
        }
        Assert.AreEqual(1, transformer.Computed.Texts);

        static void ReadOne(DataViewRowCursor cursor, ValueGetter<VBuffer<float>> getter)
        {
            Assert.IsTrue(cursor.MoveNext());
            VBuffer<float> value = default;
            getter(ref value);
        }
    }

    private sealed class CancelAfterFirst(CancellationTokenSource source) : IProgress<EncoderLayersProgress>
    {
        public void Report(EncoderLayersProgress value) => source.Cancel();
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

    [TestMethod]
    public void A_missing_gpu_is_the_cpu_where_that_is_allowed()
    {
        using EncoderLayersTransformer transformer = Fit(options =>
            (options.GpuDeviceId, options.FallbackToCpu, options.Precision) = (99, true, ComputePrecision.Float16)
        );
        Assert.AreEqual(ComputePrecision.Float32, transformer.Precision);
        Assert.HasCount(1, Layers(transformer, View("red pan")));
    }
}
