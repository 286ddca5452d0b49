using System.Text.Json;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Tokenization;

/// <summary>The files of a model folder that define its tokenizer, as bytes, so that a saved model can carry them.</summary>
internal sealed class TokenizerFiles
{
    /// <summary>Everything in one file, as recent versions of transformers write it.</summary>
    public const string Whole = "tokenizer.json";
    public const string WordPieceVocabulary = "vocab.txt";
    public const string ByteLevelVocabulary = "vocab.json";
    public const string ByteLevelMerges = "merges.txt";
    public const string Configuration = "tokenizer_config.json";
    public const string AddedTokens = "added_tokens.json";
    public const string SpecialTokens = "special_tokens_map.json";

    // What SentencePiece writes; it is not read.
    private static readonly string[] s_sentencePiece = ["sentencepiece.bpe.model", "spiece.model", "tokenizer.model"];

    /// <summary>The files that a tokenizer may have.</summary>
    public static readonly string[] Names =
    [
        Whole,
        WordPieceVocabulary,
        ByteLevelVocabulary,
        ByteLevelMerges,
        Configuration,
        AddedTokens,
        SpecialTokens,
    ];

    /// <summary>The files that hold a vocabulary: the names of one group are enough.</summary>
    public static readonly string[][] Vocabularies =
    [
        [Whole],
        [WordPieceVocabulary],
        [ByteLevelVocabulary, ByteLevelMerges],
    ];

    private readonly string _source;

    /// <param name="contents">The content of each file by its name.</param>
    /// <param name="source">Where the files come from, for exceptions.</param>
    /// <exception cref="FileNotFoundException">There is no vocabulary.</exception>
    public TokenizerFiles(IReadOnlyDictionary<string, byte[]> contents, string source)
    {
        (Contents, _source) = (contents, source);
        if (!HasVocabulary(contents))
        {
            throw new FileNotFoundException(
                $"'{source}' has no tokenizer: expected {Whole}, or {WordPieceVocabulary}, or {ByteLevelVocabulary} and "
                    + $"{ByteLevelMerges}, found {(contents.Count == 0 ? "none of them" : string.Join(", ", contents.Keys))}."
            );
        }
    }

    /// <summary>The content of each file by its name.</summary>
    public IReadOnlyDictionary<string, byte[]> Contents { get; }

    /// <summary>The file that holds the vocabulary, by its name.</summary>
    public string VocabularyName =>
        Has(Whole) ? Whole
        : Has(WordPieceVocabulary) ? WordPieceVocabulary
        : ByteLevelVocabulary;

    /// <summary>Reads those files that a model folder has.</summary>
    /// <exception cref="FileNotFoundException">The folder has no vocabulary.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is empty or too large, or a device, a pipe or the like; or config.json names a tokenizer of another kind.
    /// </exception>
    public static TokenizerFiles Read(string folder)
    {
        var contents = Names
            .Where(name => File.Exists(Path.Combine(folder, name)))
            .ToDictionary(
                name => name,
                name => FolderFile.Read(Path.Combine(folder, name), FolderFile.VocabularyLimit)
            );
        string? sentencePiece = s_sentencePiece.FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));
        if (sentencePiece is not null && !HasVocabulary(contents))
        {
            throw new FileNotFoundException(
                $"'{folder}' has no {Whole}, but {sentencePiece}, which is not read by itself: expected the {Whole} that "
                    + "transformers writes of it (AutoTokenizer.from_pretrained(...).save_pretrained(...))."
            );
        }
        var files = new TokenizerFiles(contents, folder);
        files.CheckModel();
        return files;
    }

    /// <summary>Whether a file is there.</summary>
    public bool Has(string name) => Contents.ContainsKey(name);

    /// <summary>The same with a tokenizer.json, made where there is none: everything in one file, for those who read no other.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or of a kind that is not read.</exception>
    public IReadOnlyDictionary<string, byte[]> WithWhole() =>
        Has(Whole)
            ? Contents
            : new Dictionary<string, byte[]>(Contents)
            {
                [Whole] = TokenizerJsonWriter.Write(TokenizerDescription.Read(this)),
            };

    /// <summary>What messages call a file.</summary>
    public string PathOf(string name) => Path.Combine(_source, name);

    /// <summary>A JSON file, or null where it is absent. The caller disposes it.</summary>
    /// <exception cref="InvalidDataException">It is no JSON.</exception>
    public JsonDocument? Json(string name) =>
        Contents.TryGetValue(name, out byte[]? json) ? JsonText.Parse(json, PathOf(name)) : null;

    private static bool HasVocabulary(IReadOnlyDictionary<string, byte[]> contents) =>
        Vocabularies.Any(names => names.All(contents.ContainsKey));

    // Older models name the class of their tokenizer in config.json, where no other file does.
    private void CheckModel()
    {
        string path = PathOf(EncoderConfiguration.FileName);
        using var settings = new TokenizerSettings(this);
        if (settings.ClassName is null && File.Exists(path))
        {
            using JsonDocument model = JsonText.Parse(FolderFile.Read(path, FolderFile.SettingsLimit), path);
            if (new JsonFields(model.RootElement, path).Text("tokenizer_class") is { } name)
            {
                _ = TokenizerClass.Named(name, path);
            }
        }
    }
}
