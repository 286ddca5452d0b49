using System.Text.Json;

namespace Ssna.MLNet.Tool.Tables;

/// <summary>A text file with a JSON object a line, in UTF-8; its columns are the names that the first thousand have.</summary>
internal sealed class JsonLinesFile : TableFile
{
    private const int LinesForNames = 1000;

    private JsonLinesFile(string path)
        : base(path) =>
        Columns = [
            .. Objects()
                .Take(LinesForNames)
                .SelectMany(row => row.Object.EnumerateObject().Select(property => property.Name))
                .Distinct(),
        ];

    public override IReadOnlyList<string> Columns { get; }

    public static new TableFile Open(string path) => new JsonLinesFile(path);

    public override IEnumerable<string[]> Read(IReadOnlyList<int> columns)
    {
        string[] names = [.. columns.Select(column => Columns[column])];
        foreach ((JsonElement row, int line) in Objects())
        {
            yield return
            [
                .. names.Select(name => row.TryGetProperty(name, out JsonElement value) ? Text(value, name, line) : ""),
            ];
        }
    }

    private IEnumerable<(JsonElement Object, int Line)> Objects()
    {
        foreach ((int index, string line) in File.ReadLines(Path).Index())
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (Parse(line, index + 1), index + 1);
            }
        }
    }

    private JsonElement Parse(string line, int number)
    {
        try
        {
            JsonElement element = JsonElement.Parse(line);
            return element.ValueKind == JsonValueKind.Object
                ? element
                : throw new JsonException($"expected an object, found {Kind(element)}");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{Path}', line {number}: {error.Message}", error);
        }
    }

    private string Text(JsonElement value, string name, int line) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => value.GetString()!,
            // Such as the categories of an item.
            JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(part => Text(part, name, line))),
            JsonValueKind.Object => throw new InvalidDataException(
                $"'{Path}', line {line}, '{name}': expected a text, a number or a list of them, found {Kind(value)}."
            ),
            _ => value.GetRawText(),
        };

    private static string Kind(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "a text",
            JsonValueKind.Number => "a number",
            _ => element.GetRawText(),
        };
}
