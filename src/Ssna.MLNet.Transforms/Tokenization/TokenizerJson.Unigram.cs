using System.Text.Json;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Tokenization;

// Of what a Unigram model may stand with, that which XLM-RoBERTa's tokenizer has had since there is a tokenizer.json of it.
internal sealed partial class TokenizerJson
{
    private double[] _scores = [];

    /// <summary>How a tokenizer with a Unigram model changes texts and cuts them.</summary>
    /// <exception cref="InvalidDataException">It has a part that is not done here; the message names it.</exception>
    public UnigramRules Unigram()
    {
        if (ModelFlag("byte_fallback"))
        {
            throw _modelFields.Unexpected("byte_fallback", "false, as in XLM-RoBERTa's tokenizer");
        }
        int unknown = _modelFields.Index("unk_id", int.MaxValue);
        if (unknown >= _scores.Length)
        {
            throw _modelFields.Unexpected("unk_id", $"the id of one of {_scores.Length} pieces");
        }
        List<Func<string, string>> steps = Part("normalizer") is { } normalizer ? [.. Steps(normalizer)] : [];
        return new UnigramRules(Vocabulary, _scores, unknown, new SentencePieceText(steps, SplitsAtWhitespace()));
    }

    // Pieces by their places; of one that is there twice, the last counts.
    private Dictionary<string, int> ReadPieces()
    {
        string source = $"{Source}: model.vocab";
        if (Value(_model, "vocab") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
        {
            throw Unexpected("model.vocab", "a list of pieces and their scores", null);
        }
        var pieces = new Dictionary<string, int>(StringComparer.Ordinal);
        _scores = new double[list.GetArrayLength()];
        foreach ((int id, JsonElement entry) in list.EnumerateArray().Index())
        {
            if (
                entry.ValueKind != JsonValueKind.Array
                || entry.GetArrayLength() != 2
                || entry[0].ValueKind != JsonValueKind.String
                || entry[1].ValueKind != JsonValueKind.Number
                || !double.IsFinite(_scores[id] = entry[1].GetDouble())
            )
            {
                throw new InvalidDataException(
                    $"'{source}[{id}]': expected a piece and its score, found {entry.GetRawText()}."
                );
            }
            pieces[entry[0].GetString()!] = id;
        }
        return pieces;
    }

    private IEnumerable<Func<string, string>> Steps(JsonElement normalizer)
    {
        var fields = new JsonFields(normalizer, $"{Source}: normalizer");
        switch (TypeOf(normalizer))
        {
            case "Sequence":
                return Elements(Value(normalizer, "normalizers") ?? default, "normalizer.normalizers")
                    .SelectMany(Steps);
            case "Precompiled":
                CharacterMap map = ReadMap(fields);
                return [text => map.Apply(text)];
            case "Replace" when ReplacesSpaces(normalizer) && fields.Text("content") is " " or "\u2581":
                string content = fields.Text("content")!;
                return [text => SentencePieceText.JoinSpaces(text, content)];
            case "Strip":
                bool left = fields.Flag("strip_left") ?? false;
                bool right = fields.Flag("strip_right") ?? false;
                return
                [
                    text =>
                        left && right ? text.Trim()
                        : left ? text.TrimStart()
                        : right ? text.TrimEnd()
                        : text,
                ];
            default:
                throw Unexpected(
                    "normalizer",
                    "made of Precompiled, Strip, and Replace of spaces in a row, as XLM-RoBERTa's is",
                    normalizer.GetRawText() is { Length: <= 200 } text ? text : TypeOf(normalizer)
                );
        }
    }

    private static bool ReplacesSpaces(JsonElement replace) =>
        Value(replace, "pattern") is { } pattern
        && Value(pattern, "Regex") is { } expression
        && expression.ValueEquals(" {2,}");

    private static CharacterMap ReadMap(JsonFields precompiled)
    {
        string written =
            precompiled.Text("precompiled_charsmap") ?? throw precompiled.Unexpected("precompiled_charsmap", "a table");
        var table = new byte[written.Length];
        return Convert.TryFromBase64String(written, table, out int length)
            ? new CharacterMap(table.AsSpan(0, length), precompiled.Source)
            : throw new InvalidDataException(
                $"'{precompiled.Source}': expected 'precompiled_charsmap' in base 64, found other characters."
            );
    }

    private bool SplitsAtWhitespace()
    {
        const string Expected = "Metaspace, alone or behind WhitespaceSplit";
        if (Part("pre_tokenizer") is not { } part)
        {
            throw Unexpected("pre_tokenizer", Expected, null);
        }
        JsonElement[] parts =
            TypeOf(part) == "Sequence"
                ? [.. Elements(Value(part, "pretokenizers") ?? default, "pre_tokenizer.pretokenizers")]
                : [part];
        bool atWhitespace = parts.Length == 2 && TypeOf(parts[0]) == "WhitespaceSplit";
        if (parts.Length is 0 or > 2 || (parts.Length == 2 && !atWhitespace) || TypeOf(parts[^1]) != "Metaspace")
        {
            throw Unexpected("pre_tokenizer", Expected, string.Join(", ", parts.Select(TypeOf)));
        }
        var space = new JsonFields(parts[^1], $"{Source}: pre_tokenizer");
        if (space.Text("replacement") is not "\u2581")
        {
            throw space.Unexpected("replacement", "'\u2581'");
        }
        if (space.Text("prepend_scheme") is not (null or "always") || space.Flag("add_prefix_space") == false)
        {
            throw space.Unexpected("prepend_scheme", "'always'");
        }
        if (space.Flag("split") == false)
        {
            throw space.Unexpected("split", "true");
        }
        return atWhitespace;
    }
}
