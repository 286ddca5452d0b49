using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Ssna.MLNet.Tokenization;

/// <summary>Reads the files of vocabularies and merges.</summary>
internal static class VocabularyFile
{
    // Far more than any token has; a file without line breaks is no vocabulary, and is not read to its end.
    private const int LongestLine = 1 << 16;

    /// <summary>Far more than any vocabulary has, and few enough that ids can be counted on from there.</summary>
    public const int LargestId = 1 << 30;

    /// <summary>The tokens of a vocab.txt: one a line, its number the id. Blank lines are ids without a token.</summary>
    /// <exception cref="InvalidDataException">It is no UTF-8, has a token twice, or a line that can be no token.</exception>
    public static Dictionary<string, int> ReadTokens(byte[] content, string source)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((int number, string line) in Lines(content, source))
        {
            string token = line.TrimEnd();
            if (token.Length > 0 && !vocabulary.TryAdd(token, number - 1))
            {
                throw new InvalidDataException(
                    $"'{source}': the token '{token}' stands in line {vocabulary[token] + 1} and in line {number}."
                );
            }
        }
        return vocabulary;
    }

    /// <summary>The tokens of a vocab.json, or of the vocabulary in a tokenizer.json: an object of tokens and their ids.</summary>
    /// <exception cref="InvalidDataException">It is no such object.</exception>
    public static Dictionary<string, int> ReadTokens(JsonElement json, string source)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException(
                $"'{source}': expected a JSON object of tokens and their ids, found {json.ValueKind}."
            );
        }
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonProperty entry in json.EnumerateObject())
        {
            vocabulary[entry.Name] = IdOf(entry.Value, entry.Name, source);
        }
        return vocabulary;
    }

    /// <summary>A token id.</summary>
    /// <exception cref="InvalidDataException">It is no whole number from 0 to 2^30.</exception>
    public static int IdOf(JsonElement json, string token, string source) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out int id) && id is >= 0 and <= LargestId
            ? id
            : throw new InvalidDataException(
                $"'{source}': expected the id of the token '{token}' to be a whole number from 0 to {LargestId}, found {(json.ValueKind == JsonValueKind.Undefined ? "none" : json.GetRawText())}."
            );

    /// <summary>The pairs of a merges.txt, in order: two tokens with a space between them a line.</summary>
    /// <exception cref="InvalidDataException">It is no UTF-8, or a line is no such pair.</exception>
    public static IEnumerable<(string Left, string Right)> ReadMerges(byte[] content, string source)
    {
        foreach ((int number, string line) in Lines(content, source))
        {
            if (line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))
            {
                yield return Pair(line, $"'{source}', line {number}");
            }
        }
    }

    /// <summary>Two tokens that are written with a space between them.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public static (string Left, string Right) Pair(string merge, string place) =>
        merge.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right]
            ? (left, right)
            : throw new InvalidDataException(
                $"{place}: expected two tokens with a space between them, found '{merge}'."
            );

    private static IEnumerable<(int Number, string Line)> Lines(byte[] content, string source)
    {
        int start = content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        for (int number = 1; start < content.Length; number++)
        {
            int length = content.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? content.Length - start : length;
            yield return (number, Line(content.AsSpan(start, length), number, source));
            start += length + 1;
        }
    }

    private static string Line(ReadOnlySpan<byte> line, int number, string source) =>
        line.Length > LongestLine
            ? throw new InvalidDataException(
                $"'{source}', line {number}: expected a token or two, found {line.Length:N0} bytes."
            )
        : !Utf8.IsValid(line)
            ? throw new InvalidDataException($"'{source}', line {number}: expected UTF-8, found other bytes.")
        : Encoding.UTF8.GetString(line).TrimEnd('\r');
}
