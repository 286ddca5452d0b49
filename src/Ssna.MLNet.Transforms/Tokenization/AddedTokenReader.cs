using System.Globalization;
using System.Text.Json;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Tokenization;

/// <summary>
/// Gathers the tokens that are looked for in texts from all files that name some. The first to name a token gives its flags;
/// its id comes from the vocabulary, or from the file.
/// </summary>
internal sealed class AddedTokenReader
{
    /// <summary>The id of a token whose file gives none.</summary>
    public const int NoId = -1;

    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly Dictionary<string, AddedToken> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _texts;
    private int _next;

    private AddedTokenReader(IReadOnlyDictionary<string, int> vocabulary)
    {
        _vocabulary = vocabulary;
        _texts = new Dictionary<int, string>(vocabulary.Count);
        foreach ((string token, int id) in vocabulary)
        {
            _texts[id] = token;
            _next = Math.Max(_next, id + 1);
        }
    }

    /// <summary>All added tokens of a tokenizer, by their texts.</summary>
    /// <param name="files">The tokenizer's files.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="whole">Its tokenizer.json, or null.</param>
    /// <param name="kind">Its class, or null for the generic ones.</param>
    /// <param name="vocabulary">The tokens of its model.</param>
    /// <exception cref="InvalidDataException">An entry is no token, or files contradict each other.</exception>
    public static IReadOnlyDictionary<string, AddedToken> Read(
        TokenizerFiles files,
        TokenizerSettings settings,
        TokenizerJson? whole,
        TokenizerClass? kind,
        IReadOnlyDictionary<string, int> vocabulary
    )
    {
        var reader = new AddedTokenReader(vocabulary);
        if (settings.AddedTokens is { } listed)
        {
            reader.AddListed(listed, settings.Source);
        }
        if (whole is not null && (settings.AddedTokens is null || kind is null))
        {
            foreach ((AddedToken token, string source) in whole.AddedTokens())
            {
                reader.Add(token, source);
            }
        }
        var special = new List<(AddedToken Token, string Source)>();
        foreach (string role in TokenizerClass.Roles)
        {
            if (settings.Role(role) is { } named)
            {
                special.Add((Parse(named.Token, named.Source, text => Plain(kind, role, text)), named.Source));
            }
            else if (kind is not null && kind.SpecialTokens.TryGetValue(role, out string? text))
            {
                special.Add((kind.Plain(role, text), settings.Source));
            }
        }
        var further = settings
            .Further()
            .Select(each => (Parse(each.Token, each.Source, text => new AddedToken(text, NoId)), each.Source))
            .ToList();
        if (settings.AddedTokens is null && files.Json(TokenizerFiles.AddedTokens) is { } added)
        {
            using JsonDocument _ = added;
            var names = special.Concat(further).Select(each => each.Item1.Text).ToHashSet(StringComparer.Ordinal);
            string source = files.PathOf(TokenizerFiles.AddedTokens);
            foreach ((string text, int id) in VocabularyFile.ReadTokens(added.RootElement, source))
            {
                reader.Add(
                    new AddedToken(text, id) { Normalized = !names.Contains(text), Special = names.Contains(text) },
                    source
                );
            }
        }
        // A role whose token has no id is a role that this model has not; another special token gets the next free id.
        foreach ((AddedToken token, string source) in special.Where(each => vocabulary.ContainsKey(each.Token.Text)))
        {
            reader.Add(token with { Special = true }, source);
        }
        foreach ((AddedToken token, string source) in further)
        {
            reader.Add(token with { Special = true }, source);
        }
        return reader._tokens;
    }

    /// <summary>Reads a token that is a text or an object of text and flags.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public static AddedToken Parse(JsonElement json, string source, Func<string, AddedToken> plain)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return plain(json.GetString()!);
        }
        var fields = new JsonFields(json, source);
        string text = fields.Text("content") ?? throw fields.Unexpected("content", "the text of a token");
        return new AddedToken(text, NoId)
        {
            SingleWord = fields.Flag("single_word") ?? false,
            LeftStrip = fields.Flag("lstrip") ?? false,
            RightStrip = fields.Flag("rstrip") ?? false,
            Normalized = fields.Flag("normalized") ?? fields.Flag("special") != true,
            Special = fields.Flag("special") ?? false,
        };
    }

    private static AddedToken Plain(TokenizerClass? kind, string role, string text) =>
        kind is null ? new AddedToken(text, NoId) : kind.Plain(role, text);

    private void AddListed(JsonElement listed, string source)
    {
        if (listed.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException(
                $"'{source}': expected 'added_tokens_decoder' to be an object of ids and tokens, found {listed.ValueKind}."
            );
        }
        foreach (JsonProperty entry in listed.EnumerateObject())
        {
            if (
                !int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                || id > VocabularyFile.LargestId
            )
            {
                throw new InvalidDataException(
                    $"'{source}': expected token ids up to {VocabularyFile.LargestId} in 'added_tokens_decoder', found '{entry.Name}'."
                );
            }
            Add(Parse(entry.Value, source, text => new AddedToken(text, NoId)) with { Id = id }, source);
        }
    }

    private void Add(AddedToken token, string source)
    {
        if (token.Text.Length == 0 || _tokens.ContainsKey(token.Text))
        {
            return;
        }
        if (_vocabulary.TryGetValue(token.Text, out int known))
        {
            Require(token.Id is NoId || token.Id == known, token, source, $"the vocabulary gives it {known}");
            token = token with { Id = known };
        }
        else if (token.Id == NoId)
        {
            token = token with { Id = _next };
        }
        else
        {
            Require(!_texts.TryGetValue(token.Id, out string? other), token, source, $"that is the id of '{other}'");
        }
        _tokens.Add(token.Text, token);
        _texts[token.Id] = token.Text;
        _next = Math.Max(_next, token.Id + 1);
    }

    private static void Require(bool condition, AddedToken token, string source, string but)
    {
        if (!condition)
        {
            throw new InvalidDataException($"'{source}' gives the token '{token.Text}' the id {token.Id}, but {but}.");
        }
    }
}
