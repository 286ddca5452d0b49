using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Ssna.MLNet.Checkpoints;

/// <summary>Parses JSON that came from elsewhere, so that whoever reads it meets whole texts and no name twice.</summary>
internal static class JsonText
{
    private static readonly UTF8Encoding s_strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Parses a file's content; a byte-order mark before it is passed over.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="source">What messages call it: the name of a file in quotes, or words.</param>
    /// <exception cref="InvalidDataException">It is no JSON, no UTF-8, or has a field twice.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string source)
    {
        if (json.Span.StartsWith(ByteOrderMark))
        {
            json = json[ByteOrderMark.Length..];
        }
        try
        {
            CheckTexts(json.Span);
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException(
                $"{source} is not JSON: expected UTF-8, found other bytes at position {error.Index}.",
                error
            );
        }
        // Half of a surrogate pair, written as an escape, is well-formed JSON and no text.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{source} is not JSON that can be read: {error.Message}", error);
        }
    }

    // JsonDocument checks neither until a text is asked for, and then says nothing of where it stood.
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            _ = s_strict.GetCharCount(json);
        }
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }
}
