using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests;

/// <summary>Files of every format that was ever written: never written again, and read for ever.</summary>
public sealed partial class EncoderLayersTests
{
    /// <summary>Set to write the files of today's format that are missing.</summary>
    private const string WriteMissing = "SSNA_WRITE_SAVED";

    private static readonly string SavedFolder = Path.Combine(
        SharedFolder.Checkout,
        "tests",
        "Ssna.MLNet.Transforms.Tests",
        "Saved"
    );

    private static readonly string[] SavedTexts =
    [
        "red pan",
        "pan for lid",
        "",
        "red red red red red red red",
        "unknown lid",
    ];

    [TestMethod]
    [DataRow("Bert")]
    [DataRow("DistilBert")]
    [DataRow("MPNet")]
    public void Todays_format_has_a_file_that_is_kept(string family)
    {
        string zip = Path.Combine(SavedFolder, $"0x{SavedEncoderLayers.Latest:x8}-{family}.zip");
        if (!File.Exists(zip) && Environment.GetEnvironmentVariable(WriteMissing) is { Length: > 0 })
        {
            WriteSaved(zip, family);
        }
        Assert.IsTrue(
            File.Exists(zip),
            $"'{zip}' is missing: run this test with {WriteMissing}=1 and keep what it writes."
        );
    }

    [TestMethod]
    public void What_any_build_has_saved_gives_the_same_numbers_for_ever()
    {
        string[] zips = Directory.GetFiles(SavedFolder, "*.zip");
        Assert.IsGreaterThanOrEqualTo(3, zips.Length);
        foreach (string zip in zips)
        {
            Assert.IsLessThan(10_000, new FileInfo(zip).Length, zip);
            float[][] expected = JsonSerializer.Deserialize<float[][]>(
                File.ReadAllBytes(Path.ChangeExtension(zip, ".json"))
            )!;
            using var loaded = (EncoderLayersTransformer)_mlContext.Model.Load(zip, out _);
            float[][] found = SavedLayers(loaded);
            Assert.HasCount(expected.Length, found, zip);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.HasCount(expected[i].Length, found[i], zip);
                for (int j = 0; j < expected[i].Length; j++)
                {
                    Assert.AreEqual(expected[i][j], found[i][j], 1e-4f, $"{zip}: '{SavedTexts[i]}', slot {j}");
                }
            }
            // No text's numbers are another's: else a tokenizer that splits them otherwise would go unseen.
            Assert.HasCount(SavedTexts.Length, found.Select(row => string.Join(' ', row)).Distinct().ToArray(), zip);
        }
    }

    private float[][] SavedLayers(EncoderLayersTransformer transformer) =>
        [.. transformer.Transform(View(SavedTexts)).GetColumn<float[]>("Layers")];

    /// <summary>As small as an encoder can be that reads words and lets them look at one another.</summary>
    private void WriteSaved(string zip, string familyName)
    {
        using var folder = new TemporaryFolder();
        string[] vocabulary = [.. TinyEncoder.SpecialTokens(familyName), "red", "pan", "lid", "for"];
        EncoderConfiguration configuration = TinyEncoder.Configuration(familyName, maximumTokens: 6) with
        {
            VocabularySize = vocabulary.Length,
            Width = 4,
            LayerCount = 2,
            HeadCount = 2,
            InnerWidth = 6,
        };
        using (TextEncoder random = TextEncoder.Create(configuration, seed: 5))
        using (TextEncoder uneven = random.Changed((_, weight) => weight.dim() == 2 ? weight.mul_(30f) : weight))
        {
            uneven.Save(folder.Path);
        }
        File.WriteAllLines(folder["vocab.txt"], vocabulary);
        using EncoderLayersTransformer transformer = Fit(options => options.Model = folder.Path);
        _mlContext.Model.Save(transformer, View().Schema, zip);
        File.WriteAllBytes(
            Path.ChangeExtension(zip, ".json"),
            JsonSerializer.SerializeToUtf8Bytes(SavedLayers(transformer))
        );
    }
}
