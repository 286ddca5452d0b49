using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Saved;

/// <summary>A tiny model of every kind and format that was ever written: never written again, and read for ever.</summary>
[TestClass]
public sealed class SavedModelTests
{
    /// <summary>Set to write the files of today's format that are missing, and the list of tensors anew.</summary>
    private const string WriteMissing = "SSNA_WRITE_SAVED";

    private const int ItemCount = 5;
    private static readonly string[][] s_histories =
    [
        ["item00"],
        ["item03", "item01"],
        ["item02", "item04", "item00"],
        [],
    ];
    private static readonly string s_folder = Path.Combine(SharedFolder.Checkout, "tests", "Ssna.MLNet.Tests", "Saved");

    private static bool Writes => Environment.GetEnvironmentVariable(WriteMissing) is { Length: > 0 };

    private readonly MLContext _context = new(1);

    public static IEnumerable<object[]> Kinds =>
        SavedKinds
            .Of(typeof(ItemEncoderShape))
            .Keys.Order(StringComparer.Ordinal)
            .Select(kind => new object[] { kind });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Todays_format_has_a_file_of_every_kind_that_is_kept(string kind)
    {
        string zip = Path.Combine(s_folder, $"0x{SsnaTransformer.FormatVersion:x8}-{kind}.zip");
        if (!File.Exists(zip) && Writes)
        {
            using SsnaTransformer model = Train(kind);
            model.Save(zip);
            File.WriteAllBytes(Path.ChangeExtension(zip, ".json"), JsonSerializer.SerializeToUtf8Bytes(Scores(model)));
        }
        Assert.IsTrue(
            File.Exists(zip),
            $"'{zip}' is missing: run this test with {WriteMissing}=1 and keep what it writes."
        );
    }

    [TestMethod]
    public void What_any_build_has_saved_scores_the_same_for_ever()
    {
        string[] zips = Directory.GetFiles(s_folder, "*.zip");
        Assert.IsGreaterThanOrEqualTo(Kinds.Count(), zips.Length);
        foreach (string zip in zips)
        {
            Assert.IsLessThan(40_000, new FileInfo(zip).Length, zip);
            float[][] expected = JsonSerializer.Deserialize<float[][]>(
                File.ReadAllBytes(Path.ChangeExtension(zip, ".json"))
            )!;
            using SsnaTransformer loaded = SsnaTransformer.Load(_context, zip);
            float[][] found = Scores(loaded);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.HasCount(expected[i].Length, found[i], zip);
                for (int j = 0; j < expected[i].Length; j++)
                {
                    Assert.AreEqual(expected[i][j], found[i][j], 1e-4f, $"{zip}: history {i}, item {j}");
                }
            }
            Assert.AreEqual(1, loaded.Training.BestEpoch, zip);
            Assert.HasCount(1, loaded.Training.Epochs, zip);
            // Files that do not tell training counts have none, and are judged without.
            IDataView rows = _context.Data.LoadFromEnumerable([new Case { Sequence = ["item01"], Label = "item02" }]);
            ItemRankingMetrics metrics = _context.Recommendation().EvaluateRanking(loaded.Transform(rows), loaded);
            Assert.AreEqual(loaded.Training.Interactions is null, metrics.ByPopularity is null, zip);
            Assert.IsNotNull(metrics.ByTarget, zip);
        }
    }

    [TestMethod]
    public void Every_tensor_of_every_kind_is_on_the_approved_list()
    {
        var lines = new List<string>();
        foreach (string kind in Kinds.Select(row => (string)row[0]))
        {
            using SsnaTransformer model = Train(kind);
            using var folder = new TemporaryFolder();
            model.Save(folder["model.zip"]);
            lines.Add($"# {kind}");
            lines.AddRange(Tensors(folder["model.zip"]));
        }
        string path = Path.Combine(s_folder, "Tensors.txt");
        if (Writes)
        {
            File.WriteAllLines(path, lines);
        }
        CollectionAssert.AreEqual(
            File.ReadAllLines(path),
            lines,
            $"What models hold has changed. Where that is meant, saved files need a new version: {WriteMissing}=1 writes the list."
        );
    }

    private static IEnumerable<string> Tensors(string zip)
    {
        using SafetensorsFile file = SavedTensors.Read(zip);
        return
        [
            .. file
                .Names.Order(StringComparer.Ordinal)
                .Select(name => $"{name} ({string.Join(", ", file.ShapeOf(name))})"),
        ];
    }

    private static float[][] Scores(SsnaTransformer model) =>
        [.. s_histories.Select(history => model.Recommend(history, ItemCount).Select(item => item.Score).ToArray())];

    private SsnaTransformer Train(string kind)
    {
        using var encoder = new TemporaryFolder();
        TinyEncoder.Write(encoder.Path);
        ItemAdaptation adaptation = Adaptation(kind, encoder.Path);
        var options = new SsnaTrainer.Options
        {
            Items = _context.Data.LoadFromEnumerable(
                Enumerable
                    .Range(0, ItemCount)
                    .Select(i => new Row
                    {
                        Item = $"item{i:00}",
                        Text = TinyEncoder.Words[i % TinyEncoder.Words.Count],
                        Layers = [.. Enumerable.Range(0, 6).Select(j => MathF.Sin((7 * i) + j))],
                    })
            ),
            Adaptation = adaptation,
            Dimension = 4,
            SequenceModel = new SequenceModel.SASRec
            {
                Blocks = 1,
                InnerSize = 4,
                MaximumSequenceLength = 3,
            },
            Loss = new TrainingLoss.InBatch(),
            WeightAverageDecay = 0,
            MaximumEpochs = 1,
            BatchSize = 8,
            NumberOfThreads = 1,
            Precision = ComputePrecision.Float32,
            Seed = 1,
        };
        IDataView users = _context.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, 12)
                .Select(user => new User
                {
                    Sequence = [.. Enumerable.Range(user, 4).Select(i => $"item{i % ItemCount:00}")],
                })
        );
        return _context.Recommendation().Trainers.Ssna(options).Fit(users);
    }

    private static ItemAdaptation Adaptation(string kind, string encoder) =>
        kind switch
        {
            "Ssna" => new ItemAdaptation.Ssna { AdapterHeads = 2 },
            "SsnaWithIds" => new ItemAdaptation.SsnaWithIds { AdapterHeads = 2 },
            "TopMlp" => new ItemAdaptation.TopMlp(),
            "ItemIds" => new ItemAdaptation.ItemIds(),
            "LoRA" => new ItemAdaptation.LoRA { Encoder = encoder, Rank = 1 },
            "AdaLoRA" => new ItemAdaptation.AdaLoRA
            {
                Encoder = encoder,
                InitialRank = 2,
                TargetRank = 1,
            },
            "FullFineTuning" => new ItemAdaptation.FullFineTuning { Encoder = encoder, TopLayers = 1 },
            _ => throw new ArgumentException($"A new kind, '{kind}', needs settings here."),
        };

    private sealed class Row
    {
        public string Item { get; set; } = "";

        public string Text { get; set; } = "";

        [VectorType(2, 3)]
        public float[] Layers { get; set; } = [];
    }

    private sealed class Case
    {
        public string[] Sequence { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed class User
    {
        public string[] Sequence { get; set; } = [];
    }
}
