using Microsoft.ML;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Testing;
using TorchSharp;

namespace Ssna.MLNet.Transforms.Tests;

public sealed partial class EncoderLayersTests
{
    [TestMethod]
    [DataRow("DistilBert", "distilbert.")]
    [DataRow("MPNet", "mpnet.")]
    public void Other_families_are_extracted_saved_and_loaded_whatever_wrote_their_weights(string family, string prefix)
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["bare"], familyName: family);
        TinyEncoder.Write(folder["prefixed"], familyName: family);
        AddPrefix(folder["prefixed", "model.safetensors"], prefix);
        string[] texts = RandomTexts(30, seed: 4);
        using EncoderLayersTransformer bare = Fit(options => options.Model = folder["bare"]);
        using EncoderLayersTransformer prefixed = Fit(options => options.Model = folder["prefixed"]);
        float[][] expected = Layers(bare, View(texts));
        AreClose(expected, Layers(prefixed, View(texts)));
        using var loaded = (EncoderLayersTransformer)Load(Save(prefixed));
        AreClose(expected, Layers(loaded, View(texts)));
        using EncoderLayersTransformer small = Fit(options =>
            (options.Model, options.LookAheadRows, options.TokensPerBatch) = (folder["bare"], 7, 20)
        );
        AreClose(expected, Layers(small, View(texts)));
        // The whole length that the family leaves of its positions.
        string words = string.Join(' ', Enumerable.Repeat("red", TinyEncoder.MaximumTokens - 2));
        AreClose([Layers(bare, View(words))[0]], [Layers(bare, View(words + " pan"))[0]]);
    }

    [TestMethod]
    public void Weights_too_large_to_compute_with_are_an_error_that_names_encoder_precision_and_text()
    {
        using var folder = new TemporaryFolder();
        TinyEncoder.Write(folder.Path);
        using (TextEncoder sound = TextEncoder.Load(folder.Path, torch.CPU, ComputePrecision.Float32))
        using (TextEncoder huge = sound.Changed((_, weight) => weight.dim() == 2 ? weight.mul_(1e38f) : weight))
        {
            huge.Save(folder.Path);
        }
        using EncoderLayersTransformer transformer = Fit(options =>
            (options.Model, options.Precision) = (folder.Path, ComputePrecision.Float32)
        );
        string message = Assert
            .ThrowsExactly<InvalidOperationException>(() => Layers(transformer, View("red pan")))
            .Message;
        StringAssert.Contains(message, folder.Path);
        StringAssert.Contains(message, "Float32");
        StringAssert.Contains(message, "'red pan'");
        StringAssert.Contains(message, "too large to compute with");
    }

    private static void AddPrefix(string path, string prefix)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (string, torch.Tensor)[] renamed;
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            renamed = [.. file.Names.Select(name => (prefix + name, file.ReadRaw(name)))];
        }
        SafetensorsWriter.Write(path, renamed);
    }
}
