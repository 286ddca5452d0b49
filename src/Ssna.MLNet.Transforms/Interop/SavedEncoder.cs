using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Features;
using Ssna.MLNet.Tokenization;
using static TorchSharp.torch;

namespace Ssna.MLNet.Interop;

/// <summary>
/// The files of an encoder in a saved transformer, each with its hash in the main stream: <c>config.json</c>; the number of the
/// tokenizer's files, and each with its name before its hash; the weights.
/// </summary>
internal static class SavedEncoder
{
    private const string WeightsEntry = "Weights.safetensors";

    public static void Write(ModelSaveContext ctx, EncoderModel model)
    {
        byte[] configuration = model.Encoder.Configuration.ToJson();
        IReadOnlyDictionary<string, byte[]> tokenizer = model.Tokenizer.Files.Contents;
        ModelEntries.SaveChecked(ctx, EncoderConfiguration.FileName, stream => stream.Write(configuration));
        ctx.Writer.Write(tokenizer.Count);
        foreach ((string name, byte[] content) in tokenizer)
        {
            ctx.SaveNonEmptyString(name);
            ModelEntries.SaveChecked(ctx, name, stream => stream.Write(content));
        }
        ModelEntries.SaveChecked(ctx, WeightsEntry, model.Encoder.WriteWeights);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="ctx">The saved transformer, with its settings read.</param>
    /// <param name="folder">What the encoder is called.</param>
    /// <param name="hash">SHA-256 over the files that the encoder came from.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="precision">The precision of matrix products.</param>
    /// <exception cref="FormatException">A file is missing, or not what was saved.</exception>
    /// <exception cref="InvalidDataException">A file is none that an encoder can have.</exception>
    public static EncoderModel Read(
        ModelLoadContext ctx,
        string folder,
        byte[] hash,
        Device device,
        ComputePrecision precision
    )
    {
        string source = $"the encoder '{folder}' in the saved model";
        var configuration = EncoderConfiguration.Parse(
            ModelEntries.LoadChecked(ctx, EncoderConfiguration.FileName, ReadAll),
            source
        );
        var contents = new Dictionary<string, byte[]>();
        for (int left = ctx.Reader.ReadInt32(); left > 0; left--)
        {
            string name = ctx.LoadNonEmptyString();
            contents[name] = ModelEntries.LoadChecked(ctx, name, ReadAll);
        }
        TokenizerFiles tokenizer = Tokenizer(contents, source);
        return ModelEntries.LoadChecked(
            ctx,
            WeightsEntry,
            stream =>
            {
                using SafetensorsFile weights = SafetensorsFile.Read(stream, source);
                return EncoderModel.Create(folder, hash, configuration, tokenizer, weights, device, precision);
            }
        );
    }

    private static TokenizerFiles Tokenizer(Dictionary<string, byte[]> contents, string source)
    {
        try
        {
            return new TokenizerFiles(contents, source);
        }
        catch (FileNotFoundException e)
        {
            // What is missing is no file of the machine's.
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        var bytes = new byte[checked((int)(stream.Length - stream.Position))];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
