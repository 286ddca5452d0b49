namespace Ssna.MLNet.Tokenization;

/// <summary>Turns text into the token ids that an encoder was trained on, as Hugging Face's tokenizers do. Thread-safe.</summary>
internal sealed class EncoderTokenizer
{
    // Embeddings are often padded to a multiple of 128 rows.
    private const int MostSpareRows = 127;

    private readonly TokenizerDescription _description;
    private readonly IWordModel _words;
    private readonly AddedTokenSplitter _literal;
    private readonly AddedTokenSplitter _normalized;

    private EncoderTokenizer(TokenizerFiles files)
    {
        Files = files;
        _description = TokenizerDescription.Read(files);
        _words = _description.Words.Create();
        _literal = new AddedTokenSplitter(
            _description.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Text, token))
        );
        _normalized = new AddedTokenSplitter(
            _description
                .AddedTokens.Where(token => token.Normalized)
                .Select(token => (_words.Normalize(token.Text.AsMemory()).ToString(), token))
        );
        VocabularySize = AllTokens().Select(token => token.Value + 1).DefaultIfEmpty().Max();
    }

    /// <summary>The files that make this tokenizer again.</summary>
    public TokenizerFiles Files { get; }

    /// <summary>One more than the largest token id, added tokens included.</summary>
    public int VocabularySize { get; }

    /// <summary>The most tokens of a text that the tokenizer was made for, special ones included; null where it is not said.</summary>
    public int? MaximumTokens => _description.MaximumTokens;

    /// <summary>Makes the tokenizer of a model folder.</summary>
    /// <param name="folder">
    /// A folder with tokenizer.json, vocab.txt (WordPiece), or vocab.json and merges.txt (byte-level BPE).
    /// </param>
    /// <exception cref="FileNotFoundException">The folder has no vocabulary.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of a kind that is not read, or lacks a special token.</exception>
    public static EncoderTokenizer Load(string folder) => Create(TokenizerFiles.Read(folder));

    /// <summary>Makes the tokenizer of files that were read before.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, of a kind that is not read, or lacks a special token.</exception>
    public static EncoderTokenizer Create(TokenizerFiles files) => new(files);

    /// <summary>The ids of a text, special tokens at both ends included.</summary>
    /// <param name="text">Any text; the empty text is the two special tokens.</param>
    /// <param name="maximumTokens">
    /// The most ids to return, at least 2; what is cut off lies before the last special token. Words behind the cut are not
    /// read.
    /// </param>
    /// <param name="truncated">Whether something was cut off.</param>
    public int[] Encode(string text, int maximumTokens, out bool truncated)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumTokens, 2);
        List<int> ids = [_description.First];
        // One id more than can stay tells that something is cut off.
        foreach ((ReadOnlyMemory<char> part, int? token) in _literal.Split(text.AsMemory()))
        {
            if (ids.Count >= maximumTokens)
            {
                break;
            }
            Append(part, token, ids, maximumTokens);
        }
        truncated = ids.Count > maximumTokens - 1;
        if (truncated)
        {
            ids.RemoveRange(maximumTokens - 1, ids.Count - (maximumTokens - 1));
        }
        ids.Add(_description.Last);
        return [.. ids];
    }

    /// <summary>What speaks against using the tokenizer with that many word embeddings; null where nothing does.</summary>
    public string? FaultWith(int rows)
    {
        string counts =
            $"'{Files.PathOf(Files.VocabularyName)}' and added tokens make {VocabularySize} ids, and the encoder (vocab_size in "
            + $"'{Files.PathOf("config.json")}', and its weights) has {rows} rows of word embeddings";
        if (VocabularySize > rows)
        {
            (string token, int id) = AllTokens().MaxBy(each => each.Value);
            return $"{counts}: none for the token '{token}' with the id {id}.";
        }
        return rows - VocabularySize > MostSpareRows
            ? $"{counts}: more than {MostSpareRows} rows without a token. Is the vocabulary complete?"
            : null;
    }

    /// <summary>What is worth a line in the log where the tokenizer is used with that many word embeddings, or null.</summary>
    public string? RemarkOn(int rows) =>
        rows > VocabularySize
            ? $"The tokenizer has {VocabularySize} ids, and the encoder {rows} rows of word embeddings: "
                + $"{rows - VocabularySize} have no token, as where embeddings are padded."
            : null;

    private void Append(ReadOnlyMemory<char> part, int? token, List<int> ids, int enough)
    {
        if (token is { } literal)
        {
            ids.Add(literal);
            return;
        }
        foreach ((ReadOnlyMemory<char> stretch, int? normalized) in _normalized.Split(_words.Normalize(part)))
        {
            if (normalized is { } id)
            {
                ids.Add(id);
            }
            else
            {
                _words.Append(stretch.Span, ids, enough);
            }
            if (ids.Count >= enough)
            {
                return;
            }
        }
    }

    private IEnumerable<KeyValuePair<string, int>> AllTokens() =>
        _description.Words.Vocabulary.Concat(
            _description.AddedTokens.Select(token => KeyValuePair.Create(token.Text, token.Id))
        );
}
