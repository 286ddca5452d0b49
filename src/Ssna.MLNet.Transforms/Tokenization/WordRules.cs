namespace Ssna.MLNet.Tokenization;

/// <summary>How the text between added tokens becomes ids: by which model, with which vocabulary.</summary>
/// <param name="Vocabulary">The id of every token of the model.</param>
internal abstract record WordRules(IReadOnlyDictionary<string, int> Vocabulary)
{
    /// <summary>Makes what follows the rules.</summary>
    public abstract IWordModel Create();
}

/// <summary>WordPiece: BERT, DistilBERT, MPNet.</summary>
/// <param name="Vocabulary">The id of every token.</param>
/// <param name="Unknown">The id of a word that is made of no pieces.</param>
/// <param name="Text">How words are found.</param>
internal sealed record WordPieceRules(IReadOnlyDictionary<string, int> Vocabulary, int Unknown, BertText Text)
    : WordRules(Vocabulary)
{
    /// <summary>What a piece inside a word starts with.</summary>
    public string Prefix { get; init; } = "##";

    /// <summary>The most code points of a word that is made of pieces; a longer one is unknown.</summary>
    public int MaximumCharacters { get; init; } = 100;

    /// <inheritdoc/>
    public override IWordModel Create() => new WordPieceModel(this);
}

/// <summary>Byte-level byte-pair encoding: RoBERTa.</summary>
/// <param name="Vocabulary">The id of every token.</param>
/// <param name="Merges">The ids of two tokens that become one, and that one's, in order of precedence.</param>
/// <param name="AddPrefixSpace">Whether a text that starts with no space gets one.</param>
internal sealed record BytePairRules(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<(int Left, int Right, int Product)> Merges,
    bool AddPrefixSpace
) : WordRules(Vocabulary)
{
    /// <summary>The id of a byte that the vocabulary lacks; null leaves it out, as transformers does for RoBERTa.</summary>
    public int? Unknown { get; init; }

    /// <summary>Whether unknown bytes in a row are one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether a word that the vocabulary holds as a whole is that token, whatever the merges make of it.</summary>
    public bool WholeWordsFirst { get; init; }

    /// <inheritdoc/>
    public override IWordModel Create() => new BytePairModel(this);
}

/// <summary>SentencePiece's Unigram model: XLM-RoBERTa's tokenizer, and that of multilingual encoders made from it.</summary>
/// <param name="Vocabulary">The id of every piece.</param>
/// <param name="Scores">The logarithm of each piece's share, by its id.</param>
/// <param name="Unknown">The id of what is no piece.</param>
/// <param name="Text">What a text becomes before it is cut.</param>
internal sealed record UnigramRules(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<double> Scores,
    int Unknown,
    SentencePieceText Text
) : WordRules(Vocabulary)
{
    /// <inheritdoc/>
    public override IWordModel Create() => new UnigramModel(this);
}
