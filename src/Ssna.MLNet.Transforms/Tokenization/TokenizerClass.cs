namespace Ssna.MLNet.Tokenization;

/// <summary>
/// A tokenizer class of transformers: what its name alone decides. Special tokens are data; here are those that a class has
/// where no file names others.
/// </summary>
internal sealed record TokenizerClass(
    string Name,
    WordModelKind Model,
    IReadOnlyDictionary<string, string> SpecialTokens
)
{
    public const string Cls = "cls_token";
    public const string Sep = "sep_token";
    public const string Unknown = "unk_token";
    public const string Mask = "mask_token";

    /// <summary>The names that a special token may have in tokenizer_config.json and special_tokens_map.json.</summary>
    public static readonly string[] Roles = ["bos_token", "eos_token", Unknown, Sep, "pad_token", Cls, Mask];

    private static readonly Dictionary<string, string> s_brackets = new()
    {
        [Unknown] = "[UNK]",
        [Sep] = "[SEP]",
        ["pad_token"] = "[PAD]",
        [Cls] = "[CLS]",
        [Mask] = "[MASK]",
    };

    private static readonly Dictionary<string, string> s_angles = new()
    {
        ["bos_token"] = "<s>",
        ["eos_token"] = "</s>",
        [Unknown] = "<unk>",
        [Sep] = "</s>",
        ["pad_token"] = "<pad>",
        [Cls] = "<s>",
        [Mask] = "<mask>",
    };

    public static readonly TokenizerClass Bert = new("BertTokenizer", WordModelKind.WordPiece, s_brackets);
    public static readonly TokenizerClass Roberta = new("RobertaTokenizer", WordModelKind.BytePair, s_angles);
    public static readonly TokenizerClass MPNet = new(
        "MPNetTokenizer",
        WordModelKind.WordPiece,
        new Dictionary<string, string>(s_angles) { [Unknown] = "[UNK]" }
    );

    private static readonly Dictionary<string, TokenizerClass?> s_byName = new(StringComparer.Ordinal)
    {
        ["BertTokenizer"] = Bert,
        ["BertTokenizerFast"] = Bert,
        ["DistilBertTokenizer"] = Bert,
        ["DistilBertTokenizerFast"] = Bert,
        ["RobertaTokenizer"] = Roberta,
        ["RobertaTokenizerFast"] = Roberta,
        ["MPNetTokenizer"] = MPNet,
        ["MPNetTokenizerFast"] = MPNet,
        ["XLMRobertaTokenizer"] = null,
        ["XLMRobertaTokenizerFast"] = null,
        ["PreTrainedTokenizerFast"] = null,
        ["TokenizersBackend"] = null,
    };

    /// <summary>The class of a name; null where its tokenizer.json decides everything.</summary>
    /// <exception cref="InvalidDataException">It is another class, which splits texts in another way.</exception>
    public static TokenizerClass? Named(string name, string source) =>
        s_byName.TryGetValue(name, out TokenizerClass? found)
            ? found
            : throw new InvalidDataException(
                $"'{source}': expected 'tokenizer_class' to be one of {string.Join(", ", s_byName.Keys)}, found '{name}'."
            );

    /// <summary>The class that a vocabulary without a named one belongs to; null where its tokenizer.json decides everything.</summary>
    public static TokenizerClass? OfVocabulary(WordModelKind model, IReadOnlyDictionary<string, int> vocabulary) =>
        model == WordModelKind.Unigram ? null
        : model == WordModelKind.BytePair ? Roberta
        : vocabulary.ContainsKey(s_angles[Cls]) && !vocabulary.ContainsKey(s_brackets[Cls]) ? MPNet
        : Bert;

    /// <summary>A special token that is named by its text alone, as the class takes it.</summary>
    public AddedToken Plain(string role, string text) =>
        // MPNet's alone are looked for in the normalised text, and its mask takes the space before it.
        new(text, AddedTokenReader.NoId) { Normalized = this == MPNet, LeftStrip = this == MPNet && role == Mask };
}
