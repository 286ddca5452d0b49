using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Fuzz.Mutations;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>A model with its item pipeline, saved and loaded by the library's own methods.</summary>
internal sealed class ModelZip() : Format("model-zip")
{
    public const string File = "model.zip";

    public override bool Sealed => true;

    // What shows only when the model is asked: weights too large to compute with, and other names of columns.
    public override IReadOnlyList<string> Named =>
        ["The encoder '", "features column '", "text column '", "item column '"];

    public override void Write(string folder)
    {
        string encoder = Path.Combine(folder, "encoder");
        EncoderFolder.Bert(encoder);
        var mlContext = new MLContext(1);
        var options = new SsnaTrainer.Options
        {
            Items = EncoderFolder.Rows(mlContext),
            ItemPipeline = mlContext.Transforms.Text.ExtractEncoderLayers(
                new EncoderLayersEstimator.Options
                {
                    OutputColumnName = "Layers",
                    InputColumnName = "Text",
                    Model = encoder,
                    Layers = 2,
                    Precision = ComputePrecision.Float32,
                }
            ),
            Dimension = 4,
            SequenceModel = new SequenceModel.SASRec { InnerSize = 8, MaximumSequenceLength = 4 },
            BatchSize = 4,
            MaximumEpochs = 1,
            NumberOfThreads = 1,
            TopK = 2,
            Seed = 1,
            Precision = ComputePrecision.Float32,
        };
        IDataView users = mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 8).Select(i => new User { Sequence = [$"{i % 3}", $"{(i + 1) % 3}", $"{(i + 2) % 3}"] })
        );
        using (SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(users))
        {
            model.Save(Path.Combine(folder, File));
        }
        Directory.Delete(encoder, recursive: true);
    }

    // Checksums tell all damage to bytes: most of the changes go behind them.
    public override Mutation Mutate(string file, byte[] content, Random random) =>
        random.Next(4) == 0 ? base.Mutate(file, content, random) : ZipEntries.Mutate(content, random);

    public override string Read(string folder)
    {
        var mlContext = new MLContext(1);
        using SsnaTransformer model = SsnaTransformer.Load(mlContext, Path.Combine(folder, File));
        // The pipeline is asked too.
        using SsnaTransformer larger = model.WithItems(
            mlContext.Data.LoadFromEnumerable([new EncoderFolder.Row { Item = "new", Text = EncoderFolder.Texts[2] }])
        );
        return $"{Describe(model)} {Describe(larger)} {EncoderFolder.HashOf(larger)}";
    }

    /// <summary>What a model recommends after its first items; whatever it holds, a model that was loaded can be asked.</summary>
    public static string Describe(SsnaTransformer model)
    {
        IReadOnlyList<string> ids = model.GetItemIds<string>();
        return string.Join(
            ' ',
            model
                .Recommend([.. ids.Take(2)], k: 2)
                .Concat(model.GetSimilarItems(ids[0], k: 2))
                .Select(item =>
                    $"{item.Item} {BitConverter.SingleToInt32Bits(item.Score).ToString("x8", CultureInfo.InvariantCulture)}"
                )
        );
    }

    public override bool IsDocumented(Exception error) =>
        error is FormatException or FileNotFoundException or InvalidOperationException or ArgumentOutOfRangeException;

    private sealed class User
    {
        public string[] Sequence { get; set; } = [];
    }
}
