using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests;

public sealed partial class EncoderLayersTests
{
    [TestMethod]
    public void A_saved_transformer_gives_equal_values_in_a_fresh_process_without_the_folder()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["gone"]);
        IDataView data = View("red pan", "blue pot with large lid", "");
        ITransformer chain = _mlContext
            .Transforms.CopyColumns("Words", "Text")
            .Append(_mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Words", folder["gone"], layers: 2))
            .Fit(data);
        float[][] expected = Layers(chain, data);
        _mlContext.Model.Save(chain, data.Schema, folder["model.zip"]);
        using (FileStream stream = File.Create(folder["data.idv"]))
        {
            _mlContext.Data.SaveAsBinary(data, stream);
        }
        Directory.Delete(folder["gone"], recursive: true);

        float[][] loaded = FreshProcess.Transform(folder["model.zip"], folder["data.idv"], "Layers");
        Assert.HasCount(expected.Length, loaded);
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], loaded[i]);
        }
    }

    [TestMethod]
    public void Saved_without_weights_a_changed_model_is_an_error()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["model"]);
        using EncoderLayersTransformer transformer = Fit(options =>
            (options.Model, options.StoreWeights) = (folder["model"], false)
        );
        float[][] expected = Layers(transformer, View("red pan"));
        _mlContext.Model.Save(transformer, View().Schema, folder["model.zip"]);
        AreClose(expected, Layers(_mlContext.Model.Load(folder["model.zip"], out _), View("red pan")));

        TinyEncoder.Write(folder["model"], seed: 2);
        Exception error = Assert.Throws<Exception>(() => _mlContext.Model.Load(folder["model.zip"], out _));
        StringAssert.Contains(error.GetBaseException().Message, "has changed since the model was saved");
    }

    [TestMethod]
    public void A_truncated_zip_is_refused()
    {
        using var folder = new TemporaryFolder();
        using EncoderLayersTransformer transformer = Fit();
        _mlContext.Model.Save(transformer, View().Schema, folder["model.zip"]);
        byte[] bytes = File.ReadAllBytes(folder["model.zip"]);
        File.WriteAllBytes(folder["model.zip"], bytes[..(bytes.Length / 2)]);
        Assert.Throws<Exception>(() => _mlContext.Model.Load(folder["model.zip"], out _));
    }

    [TestMethod]
    public void What_was_loaded_can_be_saved_again_and_holds_no_path_of_this_machine()
    {
        using var cache = new TemporaryFolder();
        using EncoderLayersTransformer transformer = Fit(options => options.CacheFolder = cache.Path);
        byte[] zip = Save(transformer);
        var loaded = (EncoderLayersTransformer)Load(zip);
        using (loaded)
        {
            byte[] again = Save(loaded);
            using var second = (EncoderLayersTransformer)Load(again);
            float[][] expected = Layers(transformer, View("red pan", "blue pot"));
            float[][] actual = Layers(second, View("red pan", "blue pot"));
            for (int i = 0; i < expected.Length; i++)
            {
                CollectionAssert.AreEqual(expected[i], actual[i]);
            }
        }
        foreach (string entry in (string[])["TransformerChain/Model.key", "config.json"])
        {
            ZipEdit.Change(
                zip,
                entry,
                bytes =>
                {
                    Assert.DoesNotContain(Path.GetTempPath(), System.Text.Encoding.UTF8.GetString(bytes));
                    return bytes;
                }
            );
        }
    }

    [TestMethod]
    public void A_zip_of_a_newer_version_says_what_to_update()
    {
        using EncoderLayersTransformer transformer = Fit();
        byte[] newer = ZipEdit.MakeNewer(Save(transformer), "TransformerChain");
        string message = Assert.Throws<Exception>(() => Load(newer)).GetBaseException().Message;
        StringAssert.Contains(message, "newer version");
        StringAssert.Contains(message, "Ssna.MLNet.Transforms");
    }

    [TestMethod]
    [DataRow("config.json")]
    [DataRow("vocab.txt")]
    [DataRow("Weights.safetensors")]
    public void A_zip_that_lacks_a_file_or_holds_it_damaged_names_it(string file)
    {
        using EncoderLayersTransformer transformer = Fit();
        byte[] lacking = ZipEdit.Change(Save(transformer), file, _ => null);
        string message = Assert.Throws<Exception>(() => Load(lacking)).GetBaseException().Message;
        StringAssert.Contains(message, file);
        byte[] damaged = ZipEdit.Change(
            Save(transformer),
            file,
            bytes =>
            {
                bytes[^1] ^= 1;
                return bytes;
            }
        );
        message = Assert.Throws<Exception>(() => Load(damaged)).GetBaseException().Message;
        StringAssert.Contains(message, "damaged");
        StringAssert.Contains(message, file);
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
}
