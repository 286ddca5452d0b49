using System.Text.Json;
using System.Text.Json.Nodes;

namespace Experiments.Configuration;

/// <summary>The folder of an encoder, as far as a configuration is checked against it.</summary>
internal static class EncoderFolder
{
    private const string FileName = "config.json";

    /// <summary>How many layers the encoder has, by its <c>config.json</c>.</summary>
    /// <exception cref="InvalidDataException">The folder has no such file, or the file does not say; the message names it.</exception>
    public static int LayerCount(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"model: expected a folder with {FileName}, found none in '{folder}'.");
        }
        JsonObject json = JsonFiles.Read<JsonObject>(path);
        // DistilBERT has a name of its own for it.
        string name = Text(json["model_type"]) == "distilbert" ? "n_layers" : "num_hidden_layers";
        return json[name] is JsonValue value && value.TryGetValue(out int layers)
            ? layers
            : throw new InvalidDataException(
                $"model: expected a number '{name}' in '{path}', found {json[name]?.ToJsonString() ?? "none"}."
            );
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
