using System.Text.Json;
using System.Text.Json.Serialization;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Columns;
using Ssna.MLNet.Model;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Saved;

/// <summary>
/// The settings of a saved model, as they stand in its zip: what is written today has to be read for ever, so that nothing here
/// is a type that is reported to users or changes with them.
/// </summary>
/// <param name="Version">The version of this layout: <see cref="PresentVersion"/> where it is written.</param>
/// <param name="Columns">What the transformer reads and writes.</param>
/// <param name="Model">What decides its tensors.</param>
/// <param name="Training">How it was trained.</param>
/// <param name="Repeats">What it has learned of repeats, or null for nothing; since version 2.</param>
internal sealed record SavedModel(
    int Version,
    TransformerSettings Columns,
    SsnaModelShape Model,
    SavedTraining Training,
    SavedRepeats? Repeats = null
)
{
    public const int PresentVersion = 2;

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        // The loss and metrics of an epoch may be no numbers.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = SavedKinds.Resolver,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public void Write(Stream stream) => JsonSerializer.Serialize(stream, this, s_json);

    /// <summary>Reads what <see cref="Write"/> has written, in this version or an earlier one.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    /// <exception cref="InvalidDataException">It is of a later version, or none.</exception>
    public static SavedModel Read(Stream stream, string source)
    {
        using JsonDocument json = JsonDocument.Parse(stream);
        int version =
            json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty(nameof(Version), out JsonElement found)
            && found.ValueKind == JsonValueKind.Number
            && found.TryGetInt32(out int number)
                ? number
                : throw new InvalidDataException($"'{source}': expected settings with a version, found none.");
        if (version is < 1 or > PresentVersion)
        {
            throw new InvalidDataException(
                $"'{source}': expected settings of version 1 to {PresentVersion}, found version {version}: it was saved by another "
                    + "version of this library."
            );
        }
        SavedModel saved = json.Deserialize<SavedModel>(s_json)!; // an object, by its version
        // JSON's own checks of nulls stop at lists.
        return !saved.Training.Epochs.Contains(null!)
            ? saved
            : throw new InvalidDataException($"'{source}': Epochs: expected figures of every epoch, found null.");
    }
}
