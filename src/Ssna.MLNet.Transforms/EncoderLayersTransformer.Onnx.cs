using System.Globalization;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Onnx;
using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Transforms;

public sealed partial class EncoderLayersTransformer
{
    /// <summary>
    /// Writes the encoder as an ONNX model, which ONNX Runtime (1.12 and later) computes without this library: from
    /// <c>input_ids</c> and <c>attention_mask</c>, int64 of (batch, length), to <c>layers</c>, float32 of (batch, layers, width), the
    /// top layer first. The batch and the length are as each call has them, up to the encoder's longest.
    /// </summary>
    /// <param name="path">
    /// The .onnx; replaced where it exists. Weights of about 2 GB and more go into a file beside it, of its name with <c>.data</c> behind it. The
    /// folder is made where it does not exist.
    /// </param>
    /// <remarks>
    /// <para>
    /// Texts become token ids outside of it, by the model's tokenizer (<c>tokenizer.json</c> of the folder that it came from) and cut
    /// to <c>ssna.maximum_tokens</c> of the file's metadata. Operators are those of version 17 of the standard set, and everything is
    /// computed in float32, whatever <see cref="Precision"/> is.
    /// </para>
    /// <para>
    /// <c>mlContext.Model.ConvertToOnnx</c> (Microsoft.ML.OnnxConverter 0.23.1) has no place for it: transforms take part by the interface
    /// <c>ITransformCanSaveOnnx</c>, which is internal to ML.NET, by operators up to version 12, and from the column that they read, which is
    /// text here and no operator makes tokens of. It makes the column of this transformer an input of what it writes.
    /// </para>
    /// <para>Files are written beside and take their names together once they are complete.</para>
    /// </remarks>
    /// <exception cref="IOException">The files cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed of.</exception>
    public void ExportOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using Lifetime.Use use = _memory.Begin();
        using TensorState state = TensorState.Frozen();
        using var scope = NewDisposeScope();
        OnnxFile.Write(
            path,
            _model.Encoder.ToOnnx(_settings.Layers),
            "The first token's hidden states in the top layers of a text encoder.",
            new Dictionary<string, string>
            {
                ["ssna.model"] = ModelFolder.PortableName(_model.Name),
                ["ssna.family"] = _model.Encoder.Configuration.Family.Name,
                ["ssna.layers"] = _settings.Layers.ToString(CultureInfo.InvariantCulture),
                ["ssna.width"] = _model.Encoder.Width.ToString(CultureInfo.InvariantCulture),
                ["ssna.maximum_tokens"] = _settings.MaximumTokens.ToString(CultureInfo.InvariantCulture),
                ["ssna.pad_id"] = _model.Encoder.Configuration.PadId.ToString(CultureInfo.InvariantCulture),
            },
            others: []
        );
    }
}
