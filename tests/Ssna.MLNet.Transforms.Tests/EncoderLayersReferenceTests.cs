using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;

namespace Ssna.MLNet.Transforms.Tests;

[TestClass]
public sealed class EncoderLayersReferenceTests
{
    private const int Layers = 3;
    private const float Tolerance = 2e-4f;

    [TestMethod]
    [DataRow(512)]
    [DataRow(4096)]
    public void Texts_give_the_reference_values_of_the_top_layers_whatever_the_batch(int tokensPerBatch)
    {
        string reference = SharedFolder.Require("refs", "minilm");
        string model = SharedFolder.Require("models", "all-MiniLM-L6-v2");
        TorchRuntime.EnsureLoaded();
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(reference, "texts.json")));
        string[] texts = [.. json.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(reference, "cls.safetensors"));
        using torch.Tensor cls = file.Read("cls"); // (text, layer, D)
        int width = (int)cls.shape[2];
        // The file has the embeddings first and the top layer last.
        float[] expected =
        [
            .. cls.narrow(1, cls.shape[1] - Layers, Layers).flip(1).contiguous().data<float>(), // (text, Layers, D)
        ];

        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }));
        using EncoderLayersTransformer transformer = context
            .Transforms.Text.ExtractEncoderLayers(
                new EncoderLayersEstimator.Options
                {
                    InputColumnName = "Text",
                    Model = model,
                    Layers = Layers,
                    Precision = ComputePrecision.Float32,
                    TokensPerBatch = tokensPerBatch,
                }
            )
            .Fit(data);
        float[] actual = [.. transformer.Transform(data).GetColumn<float[]>("Layers").SelectMany(row => row)];
        Assert.HasCount(texts.Length * Layers * width, actual);
        float worst = expected.Zip(actual, (a, b) => MathF.Abs(a - b)).Max();
        Assert.IsLessThan(Tolerance, worst);
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
