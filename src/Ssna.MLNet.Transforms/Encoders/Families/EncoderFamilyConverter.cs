using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ssna.MLNet.Encoders;

/// <summary>A family in saved settings: its name.</summary>
internal sealed class EncoderFamilyConverter : JsonConverter<EncoderFamily>
{
    public override EncoderFamily Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? name = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return EncoderFamily.All.FirstOrDefault(family => family.Name == name)
            ?? throw new JsonException(
                $"Expected a family of encoders, {string.Join(", ", EncoderFamily.All)}; found "
                    + $"{(name is null ? reader.TokenType : $"'{name}'")}."
            );
    }

    public override void Write(Utf8JsonWriter writer, EncoderFamily value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name);
}
