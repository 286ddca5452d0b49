using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests;

public sealed partial class EncoderLayersTests
{
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
    public void A_cache_folder_that_is_deleted_or_cannot_be_made_does_not_end_an_extraction()
    {
        using var folder = new TemporaryFolder();
        float[][] expected;
        using (EncoderLayersTransformer alone = Fit())
        {
            expected = Layers(alone, View("red pan", "blue pot", "green cup"));
        }
        // One row a window, nothing in memory: each one reads and writes the folder anew.
        using EncoderLayersTransformer transformer = Fit(options =>
        {
            options.CacheFolder = folder["cache"];
            (options.LookAheadRows, options.MemoryBudget) = (1, 0);
            options.Progress = new Deleting(folder["cache"]);
        });
        float[][] found = Layers(transformer, View("red pan", "blue pot", "green cup"));
        File.WriteAllText(folder["taken"], "");
        using EncoderLayersTransformer without = Fit(options => options.CacheFolder = folder["taken"]);
        float[][] computed = Layers(without, View("red pan", "blue pot", "green cup"));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.IsGreaterThan(
                0.9999f,
                System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(expected[i], found[i])
            );
            CollectionAssert.AreEqual(expected[i], computed[i]);
        }
    }

    private sealed class Deleting(string folder) : IProgress<EncoderLayersProgress>
    {
        public void Report(EncoderLayersProgress value) => Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public void Another_model_or_setting_does_not_meet_the_cache_of_the_first()
    {
        using var cache = new TemporaryFolder();
        // Named, as Auto is either of the two, depending on the processor.
        using (
            EncoderLayersTransformer transformer = Fit(options =>
                (options.CacheFolder, options.Precision) = (cache.Path, ComputePrecision.Float32)
            )
        )
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
                (options.CacheFolder, options.Precision) = (cache.Path, ComputePrecision.Float32);
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
        string file = Directory.GetFiles(cache.Path, "*.layers").Single();
        byte[] bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0x40;
        File.WriteAllBytes(file, bytes[..^5]);
        using EncoderLayersTransformer again = Fit(options => options.CacheFolder = cache.Path);
        AreClose(expected, Layers(again, View(texts)));
        Assert.AreEqual(2, again.Computed.Texts, "the damaged text and the one cut short");
    }

    [TestMethod]
    public void Parts_fill_a_cache_folder_with_every_text_once()
    {
        using var cache = new TemporaryFolder();
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? "red pan" : $"blue pot {i}")];
        IDataView data = View(texts);
        long computed = 0;
        for (int part = 2; part >= 0; part--)
        {
            using EncoderLayersTransformer job = Fit(options =>
            {
                (options.CacheFolder, options.LookAheadRows) = (cache.Path, 4);
            });
            job.FillCache(data, part, 3);
            Assert.IsGreaterThan(0, job.Computed.Texts, "every part has some");
            computed += job.Computed.Texts;
            job.FillCache(data, part, 3);
        }
        Assert.AreEqual(texts.Distinct().Count(), computed);
        using EncoderLayersTransformer reader = Fit(options => options.CacheFolder = cache.Path);
        using EncoderLayersTransformer alone = Fit();
        float[][] found = Layers(reader, data);
        Assert.AreEqual(0, reader.Computed.Texts);
        float[][] wanted = Layers(alone, data);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.IsLessThan(1e-5f, found[i].Zip(wanted[i], (a, b) => Math.Abs(a - b)).Max());
        }
    }

    [TestMethod]
    public void A_part_that_there_is_not_and_a_missing_folder_are_refused_by_name()
    {
        using var cache = new TemporaryFolder();
        using EncoderLayersTransformer with = Fit(options => options.CacheFolder = cache.Path);
        Assert.Contains(
            "part",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => with.FillCache(View("red pan"), 3, 3)).Message
        );
        Assert.Contains(
            "parts",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => with.FillCache(View("red pan"), 0, 0)).Message
        );
        using EncoderLayersTransformer without = Fit();
        Assert.Contains(
            "CacheFolder",
            Assert.ThrowsExactly<InvalidOperationException>(() => without.FillCache(View("red pan"))).Message
        );
    }
}
