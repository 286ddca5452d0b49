using System.Buffers.Binary;
using System.Text.Json;

namespace Ssna.MLNet.Checkpoints;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="TypeName">Element type, by the format's name; possibly one that can only be passed over.</param>
/// <param name="Shape">Sizes of the dimensions; empty for a scalar.</param>
/// <param name="Offset">First byte, from the end of the header.</param>
/// <param name="Length">Bytes.</param>
internal sealed record SafetensorsEntry(string TypeName, IReadOnlyList<long> Shape, long Offset, long Length);

/// <summary>
/// The header of a safetensors file, checked as strictly as the format's specification asks: an 8-byte length, a JSON
/// object, and tensors that fill the rest of the file without overlap or hole.
/// </summary>
/// <remarks>Specification: https://github.com/huggingface/safetensors#format.</remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>Bytes of the length field at the start of a file.</summary>
    public const int LengthField = 8;

    /// <summary>The most bytes that the specification allows a header.</summary>
    public const int MaximumLength = 100_000_000;

    public const string MetadataKey = "__metadata__";

    private SafetensorsHeader(
        IReadOnlyDictionary<string, SafetensorsEntry> entries,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        Entries = entries;
        Metadata = metadata;
    }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads the length field.</summary>
    /// <param name="start">The file's first bytes.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="InvalidDataException">The file is shorter than its length field or header.</exception>
    public static int ReadLength(ReadOnlySpan<byte> start, long fileLength, string file)
    {
        if (start.Length < LengthField)
        {
            throw Damaged(file, $"it has {fileLength} bytes, fewer than the {LengthField} of its length field");
        }
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > MaximumLength)
        {
            throw Damaged(file, $"its header claims {length} bytes, more than the {MaximumLength} that are allowed");
        }
        if (length > (ulong)(fileLength - LengthField))
        {
            throw Damaged(file, $"its header claims {length} bytes, but only {fileLength - LengthField} follow");
        }
        return (int)length;
    }

    /// <summary>Reads and checks the header.</summary>
    /// <param name="json">The header's bytes, after the length field.</param>
    /// <param name="dataLength">Bytes that follow the header.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="InvalidDataException">Anything that the specification forbids; the message names the tensor.</exception>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long dataLength, string file)
    {
        if (json.Length == 0 || json.Span[0] != (byte)'{')
        {
            throw Damaged(file, "its header does not start with '{'");
        }
        using (JsonDocument document = JsonText.Parse(json, $"The header of '{file}'"))
        {
            var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
            Dictionary<string, string>? metadata = null;
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey)
                {
                    metadata = ParseMetadata(property.Value, file);
                }
                else
                {
                    entries.Add(property.Name, ParseEntry(property, dataLength, file));
                }
            }
            CheckCoverage(entries, dataLength, file);
            return new SafetensorsHeader(entries, metadata ?? []);
        }
    }

    private static Dictionary<string, string> ParseMetadata(JsonElement value, string file)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Damaged(file, $"'{MetadataKey}' is not an object");
        }
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
            {
                throw Damaged(file, $"'{property.Name}' in '{MetadataKey}' is not a string");
            }
            metadata.Add(property.Name, property.Value.GetString()!);
        }
        return metadata;
    }

    private static SafetensorsEntry ParseEntry(JsonProperty property, long dataLength, string file)
    {
        string tensor = property.Name;
        if (property.Value.ValueKind != JsonValueKind.Object)
        {
            throw Damaged(file, tensor, "its description is not an object");
        }
        JsonElement? dtype = null;
        JsonElement? shape = null;
        JsonElement? offsets = null;
        foreach (JsonProperty field in property.Value.EnumerateObject())
        {
            ref JsonElement? known = ref dtype;
            switch (field.Name)
            {
                case "dtype":
                    break;
                case "shape":
                    known = ref shape;
                    break;
                case "data_offsets":
                    known = ref offsets;
                    break;
                default:
                    throw Damaged(file, tensor, $"its description has the unknown field '{field.Name}'");
            }
            known = field.Value;
        }

        string typeName = dtype is { ValueKind: JsonValueKind.String } text
            ? text.GetString()!
            : throw Damaged(file, tensor, $"expected the name of a dtype, found {dtype?.GetRawText() ?? "none"}");
        long[] sizes = Integers(shape, file, tensor, "shape");
        long[] range = Integers(offsets, file, tensor, "data_offsets");
        if (range.Length != 2 || range[0] > range[1] || range[1] > dataLength)
        {
            throw Damaged(
                file,
                tensor,
                $"its data_offsets are [{string.Join(", ", range)}]; expected a start and an end within the "
                    + $"{dataLength} bytes that follow the header"
            );
        }
        long bytes = range[1] - range[0];
        // A type of which nothing is known can be passed over: it matters to who asks for the tensor, and to nobody else.
        if (SafetensorsType.Size(typeName) is { } size && ByteLength(sizes, size) != bytes)
        {
            throw Damaged(
                file,
                tensor,
                $"{bytes} bytes do not hold a {typeName} tensor of shape [{string.Join(", ", sizes)}]"
            );
        }
        return new SafetensorsEntry(typeName, sizes, range[0], bytes);
    }

    private static long[] Integers(JsonElement? value, string file, string tensor, string field)
    {
        if (value is { ValueKind: JsonValueKind.Array } array)
        {
            var integers = new long[array.GetArrayLength()];
            int i = 0;
            foreach (JsonElement element in array.EnumerateArray())
            {
                if (
                    element.ValueKind != JsonValueKind.Number
                    || !element.TryGetInt64(out integers[i])
                    || integers[i] < 0
                )
                {
                    throw Damaged(file, tensor, $"'{field}' holds {element.GetRawText()}, not a whole number");
                }
                i++;
            }
            return integers;
        }
        throw Damaged(file, tensor, $"'{field}' is missing or not an array");
    }

    private static long? ByteLength(long[] shape, int elementSize)
    {
        try
        {
            return shape.Aggregate((long)elementSize, (product, size) => checked(product * size));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static void CheckCoverage(Dictionary<string, SafetensorsEntry> entries, long dataLength, string file)
    {
        long end = 0;
        string before = "the header";
        foreach (
            (string tensor, SafetensorsEntry entry) in entries.OrderBy(e => e.Value.Offset).ThenBy(e => e.Value.Length)
        )
        {
            if (entry.Offset != end)
            {
                throw Damaged(
                    file,
                    tensor,
                    entry.Offset < end
                        ? $"its bytes overlap those of '{before}'"
                        : $"{entry.Offset - end} bytes between '{before}' and it belong to no tensor"
                );
            }
            end = entry.Offset + entry.Length;
            before = tensor;
        }
        if (end != dataLength)
        {
            throw Damaged(file, $"its last {dataLength - end} bytes belong to no tensor");
        }
    }

    private static InvalidDataException Damaged(string file, string tensor, string what) =>
        Damaged(file, $"tensor '{tensor}': {what}");

    private static InvalidDataException Damaged(string file, string what) =>
        new($"'{file}' is not a valid safetensors file: {what}.");
}
