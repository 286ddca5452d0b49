using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Experiments;

/// <summary>How the experiments' files are written and read.</summary>
internal static class JsonFiles
{
    public static JsonSerializerOptions Options { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DictionaryKeyPolicy = null,
            WriteIndented = true,
            ReadCommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            RespectRequiredConstructorParameters = true,
            RespectNullableAnnotations = true,
            Converters = { new JsonStringEnumConverter() },
        };

    /// <summary>The same on one line, for files with a number for every user.</summary>
    public static JsonSerializerOptions Compact { get; } = new(Options) { WriteIndented = false };

    /// <summary>Writes beside the file and renames, so that no half-written file is ever seen.</summary>
    public static void Write<T>(string path, T value, JsonSerializerOptions? options = null) =>
        WriteText(path, JsonSerializer.Serialize(value, options ?? Options) + "\n");

    /// <inheritdoc cref="Write"/>
    public static void WriteText(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string partial = $"{path}.{Guid.NewGuid():n}.partial";
        try
        {
            File.WriteAllText(partial, text);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <exception cref="InvalidDataException">The file is damaged, or of another layout; the message names it.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Options)
                ?? throw new JsonException("expected an object, found null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Refuses an object with a name that <paramref name="type"/> does not have.</summary>
    /// <exception cref="InvalidDataException">There is one; the message names it and what is known.</exception>
    public static void CheckNames(JsonObject json, Type type, string where)
    {
        string[] known =
        [
            .. type.GetProperties()
                .Where(property => property.CanWrite)
                .Select(property => Options.PropertyNamingPolicy!.ConvertName(property.Name)),
        ];
        foreach ((string name, _) in json)
        {
            if (!known.Contains(name))
            {
                throw new InvalidDataException(
                    $"{where}: '{name}' is not known; expected one of {string.Join(", ", known.Order())}."
                );
            }
        }
    }
}
