using System.Text.Json;

namespace Ssna.MLNet.Encoders;

/// <summary>The fields of a JSON object, read with errors that name file, field, expected and found.</summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _object;

    public JsonFields(JsonElement element, string source)
    {
        _object =
            element.ValueKind == JsonValueKind.Object
                ? element
                : throw new InvalidDataException($"'{source}': expected a JSON object, found {element.ValueKind}.");
        Source = source;
    }

    /// <summary>What messages call the object.</summary>
    public string Source { get; }

    /// <summary>A text, or null where the field is absent or null.</summary>
    public string? Text(string field) =>
        Find(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Unexpected(field, "a text");

    /// <summary>True or false, or null where the field is absent or null.</summary>
    public bool? Flag(string field) =>
        Find(field) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Unexpected(field, "true or false");

    /// <summary>A whole number of at least one.</summary>
    public int Count(string field, int? absent = null) => Whole(field, 1, absent);

    /// <summary>A whole number of at least zero.</summary>
    public int Index(string field, int? absent = null) => Whole(field, 0, absent);

    /// <summary>A number above zero.</summary>
    public double Positive(string field, double absent) =>
        Find(field) is not { } value ? absent
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number > 0 ? number
        : throw Unexpected(field, "a number above 0");

    /// <summary>Refuses a field that says anything: absent, null, false and empty texts, lists and objects say nothing.</summary>
    public void RequireNeutral(string field)
    {
        if (Find(field) is { } value && !IsNeutral(value))
        {
            throw Unexpected(field, "absent or empty, as nothing else is computed here");
        }
    }

    /// <summary>Whether a value is null, false, or an empty text, list or object.</summary>
    public static bool IsNeutral(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.False => true,
            JsonValueKind.String => value.ValueEquals(""),
            JsonValueKind.Array => value.GetArrayLength() == 0,
            JsonValueKind.Object => value.GetPropertyCount() == 0,
            _ => false,
        };

    public InvalidDataException Unexpected(string field, string expected) =>
        new($"'{Source}': expected '{field}' to be {expected}, found {Find(field)?.GetRawText() ?? "nothing"}.");

    private int Whole(string field, int minimum, int? absent) =>
        Find(field) is not { } value ? absent ?? throw Unexpected(field, $"a whole number of at least {minimum}")
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= minimum ? number
        : throw Unexpected(field, $"a whole number of at least {minimum}");

    private JsonElement? Find(string field) =>
        _object.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
