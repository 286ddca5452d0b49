using System.Text.Json;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Tokenization;

/// <summary>
/// What tokenizer_config.json says, and special_tokens_map.json where the former lists no <c>added_tokens_decoder</c>: the
/// precedence of transformers.
/// </summary>
internal sealed class TokenizerSettings : IDisposable
{
    private readonly JsonDocument? _configuration;
    private readonly JsonDocument? _map;
    private readonly JsonFields? _fields;

    /// <exception cref="InvalidDataException">A file is no JSON object, or asks for what is not done here.</exception>
    public TokenizerSettings(TokenizerFiles files)
    {
        Source = files.PathOf(TokenizerFiles.Configuration);
        MapSource = files.PathOf(TokenizerFiles.SpecialTokens);
        _configuration = files.Json(TokenizerFiles.Configuration);
        if (_configuration is not null)
        {
            _fields = new JsonFields(_configuration.RootElement, Source);
            CheckSplit(_fields.Value);
        }
        if (AddedTokens is null && files.Json(TokenizerFiles.SpecialTokens) is { } map)
        {
            _map = map;
            _ = new JsonFields(map.RootElement, MapSource);
        }
    }

    public string Source { get; }

    public string MapSource { get; }

    /// <summary>The tokenizer's class, or null where it is not named.</summary>
    public string? ClassName => _fields?.Text("tokenizer_class");

    /// <summary>The tokens outside the vocabulary by their ids, where they are listed.</summary>
    public JsonElement? AddedTokens => Find(_configuration, "added_tokens_decoder");

    /// <summary>The most tokens of a text that the tokenizer was made for; null where it is not said.</summary>
    /// <exception cref="InvalidDataException">It is no number that leaves room for two special tokens.</exception>
    public int? MaximumTokens =>
        _fields?.Positive("model_max_length", double.MaxValue) switch
        {
            null or >= int.MaxValue => null, // what stands there for "no limit" is 10^30
            < 2 => throw _fields.Value.Unexpected("model_max_length", "at least 2"),
            { } length => (int)length,
        };

    /// <summary>A setting that is true or false, or null where it is absent.</summary>
    public bool? Flag(string name) => _fields?.Flag(name);

    /// <summary>The special token of a role: its text or an object of text and flags; null where no file names one.</summary>
    public (JsonElement Token, string Source)? Role(string role) =>
        Find(_map, role) is { } mapped ? (mapped, MapSource)
        : Find(_configuration, role) is { } set ? (set, Source)
        : null;

    /// <summary>Special tokens without a role.</summary>
    public IEnumerable<(JsonElement Token, string Source)> Further()
    {
        foreach (string list in (string[])["extra_special_tokens", "additional_special_tokens"])
        {
            foreach ((JsonDocument? file, string source) in new[] { (_configuration, Source), (_map, MapSource) })
            {
                if (Find(file, list) is not { } found)
                {
                    continue;
                }
                IEnumerable<JsonElement> tokens = found.ValueKind switch
                {
                    JsonValueKind.Array => found.EnumerateArray(),
                    JsonValueKind.Object => found.EnumerateObject().Select(named => named.Value),
                    _ => throw new InvalidDataException(
                        $"'{source}': expected '{list}' to be a list of tokens, found {found.GetRawText()}."
                    ),
                };
                foreach (JsonElement token in tokens)
                {
                    yield return (token, source);
                }
            }
        }
    }

    public void Dispose()
    {
        _configuration?.Dispose();
        _map?.Dispose();
    }

    private static void CheckSplit(JsonFields fields)
    {
        if (fields.Flag("split_special_tokens") == true)
        {
            throw fields.Unexpected("split_special_tokens", "false");
        }
        // Japanese models split words by a dictionary, or into characters.
        if (fields.Text("word_tokenizer_type") is not (null or "basic"))
        {
            throw fields.Unexpected("word_tokenizer_type", "'basic'");
        }
        if (fields.Text("subword_tokenizer_type") is not (null or "wordpiece"))
        {
            throw fields.Unexpected("subword_tokenizer_type", "'wordpiece'");
        }
    }

    private static JsonElement? Find(JsonDocument? file, string name) =>
        file is not null
        && file.RootElement.TryGetProperty(name, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
}
