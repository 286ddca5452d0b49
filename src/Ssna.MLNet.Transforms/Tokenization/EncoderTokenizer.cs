namespace Ssna.MLNet.Tokenization;

/// <summary>Turns text into the token ids that an encoder was trained on, as Hugging Face's tokenizers do. Thread-safe.</summary>
internal abstract class EncoderTokenizer
{
    private readonly TextSplitter _specialTokens;
    private readonly int _first;
    private readonly int _last;

    /// <param name="files">What the tokenizer was made from.</param>
    /// <param name="vocabulary">The id of every token.</param>
    /// <param name="specialTokens">The tokens that are recognised inside texts, where the vocabulary has them.</param>
    /// <param name="first">The token that every text starts with: its vector is the CLS vector.</param>
    /// <param name="last">The token that every text ends with.</param>
    /// <param name="pad">The token that fills rows up.</param>
    protected EncoderTokenizer(
        TokenizerFiles files,
        IReadOnlyDictionary<string, int> vocabulary,
        string[] specialTokens,
        string first,
        string last,
        string pad
    )
    {
        Files = files;
        VocabularySize = vocabulary.Count == 0 ? 0 : vocabulary.Values.Max() + 1;
        _specialTokens = new TextSplitter(specialTokens.Where(vocabulary.ContainsKey), token => vocabulary[token]);
        _first = Required(first);
        _last = Required(last);
        PadId = Required(pad);

        int Required(string token) =>
            vocabulary.TryGetValue(token, out int id)
                ? id
                : throw new InvalidDataException(
                    $"{files.VocabularySource}: expected the special token '{token}', found no such token."
                );
    }

    /// <summary>The files that make this tokenizer again.</summary>
    public TokenizerFiles Files { get; }

    /// <summary>The token that fills rows up.</summary>
    public int PadId { get; }

    /// <summary>One more than the largest token id.</summary>
    public int VocabularySize { get; }

    /// <summary>Makes the tokenizer of a model folder.</summary>
    /// <param name="folder">A folder with vocab.txt (WordPiece), or vocab.json and merges.txt (byte-level BPE).</param>
    /// <exception cref="FileNotFoundException">The folder has no vocabulary.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or lacks a special token.</exception>
    public static EncoderTokenizer Load(string folder) => Create(TokenizerFiles.Read(folder));

    /// <summary>Makes the tokenizer of files that were read before.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or lacks a special token.</exception>
    public static EncoderTokenizer Create(TokenizerFiles files) =>
        files.IsWordPiece ? new WordPieceEncoderTokenizer(files) : new ByteLevelEncoderTokenizer(files);

    /// <summary>The ids of a text, special tokens at both ends included.</summary>
    /// <param name="text">Any text; the empty text is the two special tokens.</param>
    /// <param name="maximumTokens">The most ids to return, at least 2; what is cut off lies before the last special token.</param>
    /// <param name="truncated">Whether something was cut off.</param>
    public int[] Encode(string text, int maximumTokens, out bool truncated)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumTokens, 2);
        var ids = new List<int>(maximumTokens) { _first };
        foreach ((ReadOnlyMemory<char> part, int? special) in _specialTokens.Split(text))
        {
            if (special is { } id)
            {
                ids.Add(id);
            }
            else
            {
                AppendIds(part, ids);
            }
        }
        truncated = ids.Count > maximumTokens - 1;
        if (truncated)
        {
            ids.RemoveRange(maximumTokens - 1, ids.Count - (maximumTokens - 1));
        }
        ids.Add(_last);
        return [.. ids];
    }

    /// <summary>Appends the ids of a stretch of text that holds no special token.</summary>
    protected abstract void AppendIds(ReadOnlyMemory<char> text, List<int> ids);
}
