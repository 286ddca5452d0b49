using System.Text.Json;
using Ssna.MLNet.Checkpoints;

namespace Ssna.MLNet.Tokenization;

/// <summary>The files of a model folder that define its tokenizer, as bytes, so that a saved model can carry them.</summary>
internal sealed class TokenizerFiles
{
    public const string WordPieceVocabulary = "vocab.txt";
    public const string ByteLevelVocabulary = "vocab.json";
    public const string ByteLevelMerges = "merges.txt";
    public const string Configuration = "tokenizer_config.json";

    /// <summary>The files that a tokenizer may have.</summary>
    public static readonly string[] Names = [WordPieceVocabulary, ByteLevelVocabulary, ByteLevelMerges, Configuration];

    private readonly string _source;

    /// <param name="contents">The content of each file by its name.</param>
    /// <param name="source">Where the files come from, for exceptions.</param>
    /// <exception cref="FileNotFoundException">There is no vocabulary.</exception>
    public TokenizerFiles(IReadOnlyDictionary<string, byte[]> contents, string source)
    {
        (Contents, _source) = (contents, source);
        bool byteLevel = contents.ContainsKey(ByteLevelVocabulary) && contents.ContainsKey(ByteLevelMerges);
        IsWordPiece = contents.ContainsKey(WordPieceVocabulary);
        if (!IsWordPiece && !byteLevel)
        {
            throw new FileNotFoundException(
                $"'{source}' has no tokenizer: expected {WordPieceVocabulary}, or {ByteLevelVocabulary} and "
                    + $"{ByteLevelMerges}, found {(contents.Count == 0 ? "neither" : string.Join(", ", contents.Keys))}."
            );
        }
    }

    /// <summary>The content of each file by its name.</summary>
    public IReadOnlyDictionary<string, byte[]> Contents { get; }

    /// <summary>Whether this is WordPiece (BERT, DistilBERT); byte-level BPE (RoBERTa) otherwise.</summary>
    public bool IsWordPiece { get; }

    /// <summary>The vocabulary's file in words, for exceptions.</summary>
    public string VocabularySource => Describe(IsWordPiece ? WordPieceVocabulary : ByteLevelVocabulary);

    /// <summary>Reads those files that a model folder has.</summary>
    /// <exception cref="FileNotFoundException">The folder has no vocabulary.</exception>
    public static TokenizerFiles Read(string folder) =>
        new(
            Names
                .Where(name => File.Exists(Path.Combine(folder, name)))
                .ToDictionary(
                    name => name,
                    name => FolderFile.Read(Path.Combine(folder, name), FolderFile.VocabularyLimit)
                ),
            folder
        );

    /// <summary>A file in words, for exceptions.</summary>
    public string Describe(string name) => $"'{Path.Combine(_source, name)}'";

    /// <summary>A setting of tokenizer_config.json, or null where it is absent.</summary>
    /// <exception cref="InvalidDataException">The file is no JSON object, or the setting is neither true nor false.</exception>
    public bool? Flag(string name)
    {
        if (!Contents.TryGetValue(Configuration, out byte[]? json))
        {
            return null;
        }
        string path = Path.Combine(_source, Configuration);
        using JsonDocument document = JsonText.Parse(json, Describe(Configuration));
        return new Encoders.JsonFields(document.RootElement, path).Flag(name);
    }
}
