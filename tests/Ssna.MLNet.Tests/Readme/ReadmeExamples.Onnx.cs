using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

namespace Ssna.MLNet.Tests.Readme;

/// <summary>The code of docs/onnx.md.</summary>
internal static class OnnxExamples
{
    public static void Run(SsnaTransformer model, EncoderLayersTransformer encoder)
    {
        model.ExportOnnx("shop.onnx"); // and shop.ids.json: which index is which item
        encoder.ExportOnnx("encoder.onnx"); // the transformer that ExtractEncoderLayers(...).Fit gives

        foreach (string file in new[] { "shop.onnx", "shop.ids.json", "encoder.onnx" })
        {
            Assert.IsTrue(File.Exists(file), file);
        }
    }
}
