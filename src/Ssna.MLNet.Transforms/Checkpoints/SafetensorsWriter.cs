using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Checkpoints;

/// <summary>A tensor of a safetensors file, without its values.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Shape">Its sizes.</param>
internal readonly record struct SafetensorsTensor(string Name, ScalarType Type, long[] Shape);

/// <summary>Writes tensors in the safetensors format. The same tensors in the same order give the same bytes.</summary>
internal static class SafetensorsWriter
{
    /// <summary>The longest span that one write takes; a multiple of every element's size.</summary>
    private const int WriteBytes = 1 << 24;

    /// <summary>Writes a file beside <paramref name="path"/> and gives it that name once it is complete.</summary>
    /// <inheritdoc cref="Write(Stream, IReadOnlyList{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string}?)"/>
    public static void Write(
        string path,
        IReadOnlyList<(string Name, Tensor Value)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    ) => WholeFile.Write(path, file => Write(file, tensors, metadata));

    /// <summary>Writes tensors to a stream, which stays open.</summary>
    /// <param name="stream">Where to; need not seek.</param>
    /// <param name="tensors">
    /// Names and values, on any device. Types of wider elements go first, so that each tensor is aligned to its
    /// element; within a type the order is kept.
    /// </param>
    /// <param name="metadata">Remarks to keep in the header.</param>
    /// <exception cref="ArgumentException">A name twice, or the name kept for the metadata.</exception>
    /// <exception cref="NotSupportedException">An element type that the format does not know.</exception>
    public static void Write(
        Stream stream,
        IReadOnlyList<(string Name, Tensor Value)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        TorchRuntime.EnsureLoaded();
        (string Name, Tensor Value)[] ordered =
        [
            .. tensors.OrderByDescending(tensor => SafetensorsType.SizeOf(tensor.Value.dtype)),
        ];
        stream.Write(
            Start(
                [
                    .. ordered.Select(tensor => new SafetensorsTensor(
                        tensor.Name,
                        tensor.Value.dtype,
                        tensor.Value.shape
                    )),
                ],
                metadata
            )
        );
        foreach ((_, Tensor value) in ordered)
        {
            WriteBytesOf(value, stream);
        }
    }

    /// <summary>Writes tensors to a stream, which stays open, and hashes what is written.</summary>
    /// <inheritdoc cref="Write(Stream, IReadOnlyList{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string}?)"/>
    /// <returns>SHA-256, in hexadecimal.</returns>
    public static string WriteHashed(Stream stream, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        using var sha = SHA256.Create();
        using (var hashed = new CryptoStream(stream, sha, CryptoStreamMode.Write, leaveOpen: true))
        {
            Write(hashed, tensors);
        }
        return Convert.ToHexStringLower(sha.Hash!);
    }

    /// <summary>What a file has before the bytes of its tensors, for who writes those: they follow each other without a gap.</summary>
    /// <param name="tensors">In the order of their bytes.</param>
    /// <param name="metadata">Remarks to keep in the header.</param>
    /// <param name="leastLength">How long it is made at least, by spaces at the end.</param>
    /// <exception cref="ArgumentException">A name twice, or the name kept for the metadata.</exception>
    /// <exception cref="NotSupportedException">An element type that the format does not know.</exception>
    public static byte[] Start(
        IReadOnlyList<SafetensorsTensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        int leastLength = 0
    )
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.WriteString(key, value);
                }
                writer.WriteEndObject();
            }
            long offset = 0;
            foreach ((string name, ScalarType type, long[] shape) in tensors)
            {
                if (!names.Add(name))
                {
                    throw new ArgumentException(
                        $"Tensor name '{name}' is given twice or not allowed.",
                        nameof(tensors)
                    );
                }
                long end = offset + shape.Aggregate((long)SafetensorsType.SizeOf(type), (bytes, size) => bytes * size);
                writer.WriteStartObject(name);
                writer.WriteString("dtype", SafetensorsType.NameOf(type));
                writer.WriteStartArray("shape");
                foreach (long size in shape)
                {
                    writer.WriteNumberValue(size);
                }
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(end);
                writer.WriteEndArray();
                writer.WriteEndObject();
                offset = end;
            }
            writer.WriteEndObject();
        }
        // Padded with spaces, so that the data start at a multiple of eight bytes.
        int length = Math.Max(leastLength - SafetensorsHeader.LengthField, (json.WrittenCount + 7) / 8 * 8);
        var start = new byte[SafetensorsHeader.LengthField + length];
        BinaryPrimitives.WriteInt64LittleEndian(start, length);
        json.WrittenSpan.CopyTo(start.AsSpan(SafetensorsHeader.LengthField));
        start.AsSpan(SafetensorsHeader.LengthField + json.WrittenCount).Fill((byte)' ');
        return start;
    }

    /// <summary>Writes the numbers of a tensor on any device, one after another.</summary>
    public static void WriteBytesOf(Tensor value, Stream stream)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = DeviceMemory.Read(value.detach()).contiguous().view(-1); // (elements)
        int step = WriteBytes / SafetensorsType.SizeOf(value.dtype);
        for (long done = 0; done < flat.numel(); done += step)
        {
            using Tensor part = flat.narrow(0, done, Math.Min(step, flat.numel() - done)); // (elements of the part)
            stream.Write(part.bytes);
        }
    }
}
