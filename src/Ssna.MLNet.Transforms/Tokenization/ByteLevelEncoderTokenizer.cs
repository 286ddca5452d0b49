using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace Ssna.MLNet.Tokenization;

/// <summary>RoBERTa's byte-level byte-pair encoding, where a word's leading space belongs to it.</summary>
internal sealed class ByteLevelEncoderTokenizer : EncoderTokenizer
{
    private static readonly string[] SpecialTokens = ["<s>", "</s>", "<pad>", "<unk>", "<mask>"];

    private readonly BpeTokenizer _pairs;
    private readonly bool _addPrefixSpace;

    public ByteLevelEncoderTokenizer(TokenizerFiles files)
        : this(files, ReadVocabulary(files)) { }

    private ByteLevelEncoderTokenizer(TokenizerFiles files, Dictionary<string, int> vocabulary)
        : base(files, vocabulary, SpecialTokens, first: "<s>", last: "</s>", pad: "<pad>")
    {
        _addPrefixSpace = files.Flag("add_prefix_space") ?? false;
        try
        {
            _pairs = BpeTokenizer.Create(
                new BpeOptions(vocabulary)
                {
                    Merges = ReadMerges(files),
                    ByteLevel = true,
                    PreTokenizer = new ByteLevelPreTokenizer(),
                    UnknownToken = vocabulary.ContainsKey("<unk>") ? "<unk>" : null,
                }
            );
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException(
                $"{files.Describe(TokenizerFiles.ByteLevelMerges)} does not fit {files.VocabularySource}: {error.Message}",
                error
            );
        }
    }

    protected override void AppendIds(ReadOnlyMemory<char> text, List<int> ids)
    {
        string stretch = _addPrefixSpace && !char.IsWhiteSpace(text.Span[0]) ? $" {text}" : text.ToString();
        ids.AddRange(_pairs.EncodeToIds(stretch));
    }

    private static Dictionary<string, int> ReadVocabulary(TokenizerFiles files)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, int>>(
                    files.Contents[TokenizerFiles.ByteLevelVocabulary]
                ) ?? throw new JsonException("expected an object, found null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{files.VocabularySource}: expected a JSON object of tokens and their ids; {error.Message}",
                error
            );
        }
    }

    private static List<string> ReadMerges(TokenizerFiles files)
    {
        var merges = new List<string>();
        using var reader = new StreamReader(
            new MemoryStream(files.Contents[TokenizerFiles.ByteLevelMerges], writable: false)
        );
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))
            {
                merges.Add(line);
            }
        }
        return merges;
    }
}
