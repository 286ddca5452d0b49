using System.Text;
using System.Text.Json.Nodes;

namespace Ssna.MLNet.Fuzz.Mutations;

/// <summary>Fields of JSON removed, of another type, twice, or nested deep; numbers and texts at the edges.</summary>
internal static class JsonFields
{
    private const string Mark = "@@mark@@";

    private static readonly string[] s_numbers =
    [
        "0",
        "-0",
        "-1",
        "1",
        "0.5",
        "2147483647",
        "2147483648",
        "-2147483649",
        "9223372036854775807",
        "18446744073709551616",
        "1e308",
        "-1e308",
        "1e400",
        "1e-320",
        "NaN",
        "\"NaN\"",
        "\"Infinity\"",
    ];

    private static readonly string[] s_types =
    [
        "null",
        "true",
        "false",
        "\"\"",
        "\"text\"",
        "3",
        "[]",
        "{}",
        "[null]",
        "[1, 2]",
    ];

    private static readonly string[] s_texts =
    [
        "\"\\ud800\"",
        "\"\\u0000\"",
        "\"../../escape\"",
        "\"/\"",
        "\"\\u0130\\uFFFF\"",
        "\" \"",
    ];

    public static Mutation Mutate(byte[] content, Random random)
    {
        JsonNode root = JsonNode.Parse(content)!;
        List<JsonNode> parents = [.. Parents(root)];
        if (parents.Count == 0)
        {
            return Bytes.Mutate(content, random);
        }
        JsonNode parent = parents[random.Next(parents.Count)];
        string[] keys = parent is JsonObject fields ? [.. fields.Select(field => field.Key)] : [];
        int place = random.Next(parent is JsonArray list ? list.Count : keys.Length);
        string where = parent is JsonObject ? $"{parent.GetPath()}.{keys[place]}" : $"{parent.GetPath()}[{place}]";
        switch (random.Next(8))
        {
            case 0:
                if (parent is JsonObject from)
                {
                    from.Remove(keys[place]);
                }
                else
                {
                    parent.AsArray().RemoveAt(place);
                }
                return new Mutation(Encoding.UTF8.GetBytes(root.ToJsonString()), $"{where} removed");
            case 1 when parent is JsonObject with:
                string value = with[keys[place]]?.ToJsonString() ?? "null";
                with[Mark] = 0;
                return Replaced(
                    root,
                    $"\"{Mark}\":0",
                    $"{JsonValue.Create(keys[place]).ToJsonString()}:{value}",
                    $"{where} twice"
                );
            case 2 when parent is JsonObject with:
                JsonNode? kept = with[keys[place]]?.DeepClone();
                with.Remove(keys[place]);
                with[$"{keys[place]}_"] = kept;
                return new Mutation(Encoding.UTF8.GetBytes(root.ToJsonString()), $"{where} of another name");
            case 3:
                int depth = random.Next(2) == 0 ? 20 : 100_000;
                return With(new string('[', depth) + new string(']', depth), $"{depth} lists deep");
            case 4:
                return With(s_types[random.Next(s_types.Length)], null);
            case 5:
                string text =
                    random.Next(8) == 0 ? $"\"{new string('x', 1 << 20)}\"" : s_texts[random.Next(s_texts.Length)];
                return With(text, text.Length > 100 ? "a long text" : null);
            default:
                return With(s_numbers[random.Next(s_numbers.Length)], null);
        }

        Mutation With(string raw, string? description)
        {
            if (parent is JsonObject)
            {
                parent[keys[place]] = Mark;
            }
            else
            {
                parent[place] = Mark;
            }
            return Replaced(root, $"\"{Mark}\"", raw, $"{where} = {description ?? raw}");
        }
    }

    // Through text, as a JsonNode holds neither a name twice nor numbers that are none.
    private static Mutation Replaced(JsonNode root, string mark, string raw, string description) =>
        new(Encoding.UTF8.GetBytes(root.ToJsonString().Replace(mark, raw, StringComparison.Ordinal)), description);

    private static IEnumerable<JsonNode> Parents(JsonNode? node) =>
        node switch
        {
            JsonObject { Count: > 0 } fields => fields.SelectMany(field => Parents(field.Value)).Prepend(fields),
            JsonArray { Count: > 0 } list => list.SelectMany(Parents).Prepend(list),
            _ => [],
        };
}
