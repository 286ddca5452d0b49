using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Ssna.MLNet.Fuzz.Mutations;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>
/// An encoder's transformer saved by ML.NET. Only what this library wrote into the zip is changed: ML.NET's own reading of the
/// rest is no part of it (see SECURITY.md).
/// </summary>
internal sealed class LayersZip() : Format("layers-zip")
{
    private const string File = "layers.zip";

    public override bool Sealed => true;

    public override IReadOnlyList<string> Named =>
        [
            "config.json",
            "vocab.txt",
            "Weights.safetensors",
            "encoder '",
            "EncoderLayers",
            "tokenizer_config.json",
            "added_tokens.json",
        ];

    public override void Write(string folder)
    {
        string encoder = Path.Combine(folder, "encoder");
        EncoderFolder.Bert(encoder);
        var mlContext = new MLContext(1);
        IDataView rows = EncoderFolder.Rows(mlContext);
        var estimator = mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Text", encoder, layers: 1);
        using (var model = estimator.Fit(rows))
        {
            mlContext.Model.Save(model, rows.Schema, Path.Combine(folder, File));
        }
        Directory.Delete(encoder, recursive: true);
    }

    public override Mutation Mutate(string file, byte[] content, Random random) =>
        ZipEntries.MutateContent(
            content,
            random,
            name =>
                name.Replace('\\', '/').StartsWith("TransformerChain/", StringComparison.Ordinal)
                && !name.EndsWith("Model.key", StringComparison.Ordinal)
        );

    public override string Read(string folder)
    {
        var mlContext = new MLContext(1);
        ITransformer model;
        try
        {
            model = mlContext.Model.Load(Path.Combine(folder, File), out _);
        }
        catch (Exception error) when (error.GetBaseException() is var cause && cause != error)
        {
            // ML.NET makes the transformer by reflection and wraps what that throws.
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
        using (model as IDisposable)
        {
            return EncoderFolder.Describe(model, EncoderFolder.Rows(mlContext));
        }
    }

    public override bool IsDocumented(Exception error) =>
        error is InvalidDataException or FormatException or InvalidOperationException;
}
