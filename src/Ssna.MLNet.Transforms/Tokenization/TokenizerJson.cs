using System.Text.Json;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Tokenization;

/// <summary>
/// A tokenizer.json. Its <c>truncation</c>, <c>padding</c> and <c>decoder</c> are not read; its <c>normalizer</c>,
/// <c>pre_tokenizer</c> and <c>post_processor</c> only where the tokenizer's class leaves them to it.
/// </summary>
internal sealed partial class TokenizerJson : IDisposable
{
    private readonly JsonDocument _document;
    private readonly JsonElement _model;
    private readonly JsonFields _modelFields;

    /// <exception cref="InvalidDataException">It is damaged, or its model is of another kind.</exception>
    public TokenizerJson(JsonDocument document, string source)
    {
        (_document, Source) = (document, source);
        _ = new JsonFields(document.RootElement, source);
        _model = Part("model") ?? throw Unexpected("model", "WordPiece, BPE or Unigram", null);
        _modelFields = new JsonFields(_model, $"{source}: model");
        string? type = _modelFields.Text("type");
        // Old versions wrote no type.
        Model = type switch
        {
            "WordPiece" => WordModelKind.WordPiece,
            "BPE" => WordModelKind.BytePair,
            "Unigram" => WordModelKind.Unigram,
            null when _model.TryGetProperty("merges", out _) => WordModelKind.BytePair,
            null when _model.TryGetProperty("continuing_subword_prefix", out _) => WordModelKind.WordPiece,
            null when _model.TryGetProperty("unk_id", out _) => WordModelKind.Unigram,
            _ => throw Unexpected("model", "WordPiece, BPE or Unigram", type),
        };
        Vocabulary =
            Model == WordModelKind.Unigram
                ? ReadPieces()
                : VocabularyFile.ReadTokens(Value(_model, "vocab") ?? default, $"{source}: model.vocab");
    }

    public string Source { get; }

    public WordModelKind Model { get; }

    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>The token of what the model does not know, or null.</summary>
    public string? Unknown => _modelFields.Text("unk_token");

    /// <summary>The pairs of a BPE model, in order.</summary>
    public IEnumerable<(string Left, string Right)> Merges()
    {
        if (Value(_model, "merges") is not { ValueKind: JsonValueKind.Array } merges)
        {
            throw Unexpected("model.merges", "a list", null);
        }
        foreach ((int index, JsonElement merge) in merges.EnumerateArray().Index())
        {
            string place = $"'{Source}': model.merges[{index}]";
            yield return merge.ValueKind switch
            {
                JsonValueKind.String => VocabularyFile.Pair(merge.GetString()!, place),
                JsonValueKind.Array
                    when merge.GetArrayLength() == 2
                        && merge[0].ValueKind == JsonValueKind.String
                        && merge[1].ValueKind == JsonValueKind.String => (merge[0].GetString()!, merge[1].GetString()!),
                _ => throw new InvalidDataException($"{place}: expected two tokens, found {merge.GetRawText()}."),
            };
        }
    }

    /// <summary>The tokens outside the model.</summary>
    public IEnumerable<(AddedToken Token, string Source)> AddedTokens()
    {
        if (Part("added_tokens") is not { } listed)
        {
            yield break;
        }
        string source = $"{Source}: added_tokens";
        foreach (JsonElement entry in Elements(listed, "added_tokens"))
        {
            AddedToken token = AddedTokenReader.Parse(entry, source, text => new(text, AddedTokenReader.NoId));
            yield return (
                token with
                {
                    Id = VocabularyFile.IdOf(Value(entry, "id") ?? default, token.Text, source),
                },
                source
            );
        }
    }

    /// <summary>How a generic tokenizer with a WordPiece model finds words and cuts them.</summary>
    public WordPieceRules WordPiece(int unknown)
    {
        RequireType("pre_tokenizer", "BertPreTokenizer");
        var text = new BertText(Clean: false, SeparateChinese: false, StripAccents: false, LowerCase: false);
        if (Part("normalizer") is { } normalizer)
        {
            RequireType("normalizer", "BertNormalizer");
            var fields = new JsonFields(normalizer, $"{Source}: normalizer");
            bool lowerCase = fields.Flag("lowercase") ?? true;
            text = new BertText(
                fields.Flag("clean_text") ?? true,
                fields.Flag("handle_chinese_chars") ?? true,
                fields.Flag("strip_accents") ?? lowerCase,
                lowerCase
            );
        }
        return new WordPieceRules(Vocabulary, unknown, text)
        {
            Prefix = _modelFields.Text("continuing_subword_prefix") ?? "##",
            MaximumCharacters = _modelFields.Count("max_input_chars_per_word", absent: 100),
        };
    }

    /// <summary>Whether a generic tokenizer with a BPE model puts a space before a text, where all else is RoBERTa's.</summary>
    public bool AddsPrefixSpace()
    {
        if (Part("normalizer") is { } normalizer)
        {
            throw Unexpected("normalizer", "null, as for RoBERTa", TypeOf(normalizer));
        }
        RequireType("pre_tokenizer", "ByteLevel");
        var fields = new JsonFields(Part("pre_tokenizer")!.Value, $"{Source}: pre_tokenizer");
        if (fields.Flag("use_regex") == false)
        {
            throw fields.Unexpected("use_regex", "true");
        }
        return fields.Flag("add_prefix_space") ?? true;
    }

    /// <summary>A setting of the model that is true or false.</summary>
    public bool ModelFlag(string name) => _modelFields.Flag(name) ?? false;

    /// <summary>Refuses settings of a BPE model that RoBERTa's does not have.</summary>
    public void RequirePlainPairs()
    {
        foreach (string name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (_modelFields.Text(name) is { Length: > 0 })
            {
                throw _modelFields.Unexpected(name, "empty, as in byte-level BPE");
            }
        }
        if (ModelFlag("byte_fallback"))
        {
            throw _modelFields.Unexpected("byte_fallback", "false, as in byte-level BPE");
        }
        if (
            Value(_model, "dropout") is { } dropout
            && !(dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() == 0)
        )
        {
            throw _modelFields.Unexpected("dropout", "null: ids would differ from call to call");
        }
    }

    public void Dispose() => _document.Dispose();

    private void RequireType(string part, string type)
    {
        string? found = Part(part) is { } element ? TypeOf(element) : null;
        if (found != type)
        {
            throw Unexpected(part, type, found);
        }
    }

    private string? TypeOf(JsonElement part) => new JsonFields(part, Source).Text("type");

    private JsonElement? Part(string name) => Value(_document.RootElement, name);

    private static JsonElement? Value(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private JsonElement.ArrayEnumerator Elements(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Array
            ? json.EnumerateArray()
            : throw Unexpected(name, "a list", json.ValueKind.ToString());

    private InvalidDataException Unexpected(string part, string expected, string? found) =>
        new($"'{Source}': expected '{part}' to be {expected}, found {found ?? "none"}.");
}
