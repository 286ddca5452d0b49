namespace Ssna.MLNet.Tokenization;

/// <summary>All that a tokenizer does, in whichever files it was written.</summary>
/// <param name="Words">How the text between added tokens becomes ids.</param>
/// <param name="AddedTokens">The tokens that are looked for in texts as they stand.</param>
/// <param name="First">The id that every text starts with: its vector is the CLS vector.</param>
/// <param name="Last">The id that every text ends with.</param>
/// <param name="Class">The class whose name decides what its files leave open; null where a tokenizer.json decides everything.</param>
/// <param name="MaximumTokens">The most tokens of a text that it was made for, special ones included, or null.</param>
internal sealed record TokenizerDescription(
    WordRules Words,
    IReadOnlyCollection<AddedToken> AddedTokens,
    int First,
    int Last,
    TokenizerClass? Class,
    int? MaximumTokens
)
{
    /// <summary>Reads a tokenizer's files.</summary>
    /// <remarks>
    /// As transformers 5 does it: a tokenizer.json gives vocabulary, merges and added tokens; for the BERT, RoBERTa and MPNet
    /// classes tokenizer_config.json decides case, accents, Chinese characters, prefix space and special tokens; for the
    /// generic class, for XLM-RoBERTa's, and where there is no tokenizer_config.json, the tokenizer.json decides all of it.
    /// </remarks>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, of a kind that is not read, contradicts another, or lacks a special token.
    /// </exception>
    public static TokenizerDescription Read(TokenizerFiles files)
    {
        using var settings = new TokenizerSettings(files);
        using TokenizerJson? whole = files.Json(TokenizerFiles.Whole) is { } json
            ? new TokenizerJson(json, files.PathOf(TokenizerFiles.Whole))
            : null;
        WordModelKind model =
            whole?.Model
            ?? (files.Has(TokenizerFiles.WordPieceVocabulary) ? WordModelKind.WordPiece : WordModelKind.BytePair);
        IReadOnlyDictionary<string, int> vocabulary = ReadVocabulary(files, whole, model);
        TokenizerClass? kind = ChooseClass(files, settings, whole, model, vocabulary);
        IReadOnlyDictionary<string, AddedToken> added = AddedTokenReader.Read(files, settings, whole, kind, vocabulary);
        string source = files.PathOf(files.VocabularyName);

        int Required(string? token) =>
            token is not null && added.TryGetValue(token, out AddedToken? found) ? found.Id
            : token is not null && vocabulary.TryGetValue(token, out int id) ? id
            : throw new InvalidDataException($"'{source}': expected the special token '{token}', found no such token.");

        string TextOf(TokenizerClass named, string role) =>
            settings.Role(role) is { } set
                ? AddedTokenReader
                    .Parse(set.Token, set.Source, text => new AddedToken(text, AddedTokenReader.NoId))
                    .Text
                : named.SpecialTokens[role];

        (int first, int last) = kind is null
            ? whole!.Template()
            : (Required(TextOf(kind, TokenizerClass.Cls)), Required(TextOf(kind, TokenizerClass.Sep)));
        WordRules words;
        if (model == WordModelKind.Unigram)
        {
            words = whole!.Unigram();
        }
        else if (model == WordModelKind.WordPiece)
        {
            int unknown = Required(kind is null ? whole!.Unknown : TextOf(kind, TokenizerClass.Unknown));
            words = kind is null
                ? whole!.WordPiece(unknown)
                : new WordPieceRules(vocabulary, unknown, TextRules(settings));
        }
        else
        {
            words = ReadPairs(files, settings, whole, kind, vocabulary) with
            {
                Unknown = kind is null && whole!.Unknown is { } unknown ? Required(unknown) : null,
            };
        }
        return new TokenizerDescription(words, [.. added.Values], first, last, kind, settings.MaximumTokens);
    }

    private static TokenizerClass? ChooseClass(
        TokenizerFiles files,
        TokenizerSettings settings,
        TokenizerJson? whole,
        WordModelKind model,
        IReadOnlyDictionary<string, int> vocabulary
    )
    {
        if (settings.ClassName is not { } name)
        {
            return whole is not null && !files.Has(TokenizerFiles.Configuration)
                ? null
                : TokenizerClass.OfVocabulary(model, vocabulary);
        }
        TokenizerClass? kind = TokenizerClass.Named(name, settings.Source);
        if (kind is null && whole is null)
        {
            throw new InvalidDataException(
                $"'{settings.Source}': the tokenizer_class '{name}' is described by {TokenizerFiles.Whole} alone, which is missing."
            );
        }
        if (kind is not null && kind.Model != model)
        {
            throw new InvalidDataException(
                $"'{settings.Source}': the tokenizer_class '{name}' expects {kind.Model.Describe()}, found "
                    + $"{model.Describe()} in '{files.PathOf(files.VocabularyName)}'."
            );
        }
        return kind;
    }

    private static IReadOnlyDictionary<string, int> ReadVocabulary(
        TokenizerFiles files,
        TokenizerJson? whole,
        WordModelKind model
    )
    {
        bool isWordPiece = model == WordModelKind.WordPiece;
        string name = isWordPiece ? TokenizerFiles.WordPieceVocabulary : TokenizerFiles.ByteLevelVocabulary;
        if (!files.Has(name) || model == WordModelKind.Unigram)
        {
            return whole!.Vocabulary;
        }
        string source = files.PathOf(name);
        Dictionary<string, int> vocabulary;
        if (isWordPiece)
        {
            vocabulary = VocabularyFile.ReadTokens(files.Contents[name], source);
        }
        else
        {
            using System.Text.Json.JsonDocument json = files.Json(name)!;
            vocabulary = VocabularyFile.ReadTokens(json.RootElement, source);
        }
        if (whole is null)
        {
            return vocabulary;
        }
        // Both are there: the one that transformers would pass over shows whether a download broke off, or one is stale.
        foreach ((string token, int id) in whole.Vocabulary)
        {
            if (
                token.Trim() == token
                && token.Length > 0
                && (!vocabulary.TryGetValue(token, out int other) || other != id)
            )
            {
                throw new InvalidDataException(
                    $"'{source}' and '{whole.Source}' are not of one vocabulary: the token '{token}' has the id {id} in the "
                        + $"latter, and {(vocabulary.ContainsKey(token) ? $"{other}" : "none")} in the former."
                );
            }
        }
        return whole.Vocabulary;
    }

    private static BertText TextRules(TokenizerSettings settings)
    {
        // transformers' defaults: lower case, and accents stripped exactly where lower case is asked for.
        bool lowerCase = settings.Flag("do_lower_case") ?? true;
        return new BertText(
            Clean: true,
            SeparateChinese: settings.Flag("tokenize_chinese_chars") ?? true,
            StripAccents: settings.Flag("strip_accents") ?? lowerCase,
            LowerCase: lowerCase
        );
    }

    private static BytePairRules ReadPairs(
        TokenizerFiles files,
        TokenizerSettings settings,
        TokenizerJson? whole,
        TokenizerClass? kind,
        IReadOnlyDictionary<string, int> vocabulary
    )
    {
        string source = whole is null ? files.PathOf(TokenizerFiles.ByteLevelMerges) : $"{whole.Source}: model.merges";
        int Id(string token) =>
            vocabulary.TryGetValue(token, out int id)
                ? id
                : throw new InvalidDataException(
                    $"'{source}' does not fit '{files.PathOf(files.VocabularyName)}': that has no token '{token}'."
                );

        IEnumerable<(string Left, string Right)> merges =
            whole?.Merges() ?? VocabularyFile.ReadMerges(files.Contents[TokenizerFiles.ByteLevelMerges], source);
        var ids = merges.Select(merge => (Id(merge.Left), Id(merge.Right), Id(merge.Left + merge.Right))).ToList();
        if (kind is not null)
        {
            return new BytePairRules(vocabulary, ids, settings.Flag("add_prefix_space") ?? false);
        }
        whole!.RequirePlainPairs();
        return new BytePairRules(vocabulary, ids, whole.AddsPrefixSpace())
        {
            FuseUnknown = whole.ModelFlag("fuse_unk"),
            WholeWordsFirst = whole.ModelFlag("ignore_merges"),
        };
    }
}
