using System.Security.Cryptography;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Tokenization;
using static TorchSharp.torch;

namespace Ssna.MLNet.Features;

/// <summary>An encoder and its tokenizer, with what a saved model needs to have them again.</summary>
internal sealed class EncoderModel : IDisposable
{
    private EncoderModel(string name, byte[] hash, TextEncoder encoder, EncoderTokenizer tokenizer)
    {
        (Name, Hash, Encoder, Tokenizer) = (name, hash, encoder, tokenizer);
        if (tokenizer.FaultWith(encoder.Configuration.VocabularySize) is { } fault)
        {
            throw new InvalidDataException(fault);
        }
        Remark = tokenizer.RemarkOn(encoder.Configuration.VocabularySize);
    }

    /// <summary>What is worth a line in the log, or null.</summary>
    public string? Remark { get; }

    /// <summary>What the model is called: see <see cref="ModelFolder.Name"/>, or as a saved model names it.</summary>
    public string Name { get; }

    /// <summary>SHA-256 over all files of the model: equal hashes mean equal models.</summary>
    public byte[] Hash { get; }

    public TextEncoder Encoder { get; }

    public EncoderTokenizer Tokenizer { get; }

    /// <summary>Loads a model folder.</summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or of a kind that is not read.</exception>
    public static EncoderModel Load(ModelFolder folder, Device device, ComputePrecision precision)
    {
        EncoderConfiguration configuration = EncoderConfiguration.Load(folder.Path);
        TokenizerFiles files = TokenizerFiles.Read(folder.Path);
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder.Path);
        byte[] hash = HashOf(configuration, files, checkpoint.Files);
        return Create(folder.Name, hash, configuration, files, checkpoint, device, precision);
    }

    /// <summary>Makes a model of its parts.</summary>
    /// <exception cref="InvalidDataException">A part is damaged, or the parts do not fit.</exception>
    public static EncoderModel Create(
        string name,
        byte[] hash,
        EncoderConfiguration configuration,
        TokenizerFiles files,
        ITensorSource weights,
        Device device,
        ComputePrecision precision
    )
    {
        EncoderTokenizer tokenizer = EncoderTokenizer.Create(files);
        TextEncoder encoder = TextEncoder.Load(configuration, weights, device, precision);
        try
        {
            return new EncoderModel(name, hash, encoder, tokenizer);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    public void Dispose() => Encoder.Dispose();

    /// <summary>SHA-256 over all files of a model folder that decide what the model computes.</summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or of a kind that is not read.</exception>
    public static byte[] HashOf(string folder)
    {
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        return HashOf(EncoderConfiguration.Load(folder), TokenizerFiles.Read(folder), checkpoint.Files);
    }

    private static byte[] HashOf(EncoderConfiguration configuration, TokenizerFiles files, IEnumerable<string> weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(configuration.ToJson());
        foreach ((string name, byte[] content) in files.Contents.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(content));
        }
        foreach (string path in weights)
        {
            using FileStream stream = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(stream));
        }
        return hash.GetHashAndReset();
    }
}
