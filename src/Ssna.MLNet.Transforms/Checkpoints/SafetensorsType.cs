using static TorchSharp.torch;

namespace Ssna.MLNet.Checkpoints;

/// <summary>The element types of a safetensors file that TorchSharp can hold, by the names the format gives them.</summary>
internal static class SafetensorsType
{
    private static readonly (string Name, ScalarType Type)[] Known =
    [
        ("F64", ScalarType.Float64),
        ("F32", ScalarType.Float32),
        ("F16", ScalarType.Float16),
        ("BF16", ScalarType.BFloat16),
        ("I64", ScalarType.Int64),
        ("I32", ScalarType.Int32),
        ("I16", ScalarType.Int16),
        ("I8", ScalarType.Int8),
        ("U8", ScalarType.Byte),
        ("BOOL", ScalarType.Bool),
    ];

    /// <summary>The format's other types of whole bytes, of which TorchSharp has no tensors.</summary>
    private static readonly (string Name, int Size)[] Foreign =
    [
        ("U16", 2),
        ("U32", 4),
        ("U64", 8),
        ("F8_E4M3", 1),
        ("F8_E5M2", 1),
        ("F8_E8M0", 1),
        ("C64", 8),
    ];

    /// <summary>The names of those that TorchSharp can hold, for messages.</summary>
    public static string Names { get; } = string.Join(", ", Known.Select(known => known.Name));

    public static ScalarType? Find(string name)
    {
        foreach ((string known, ScalarType type) in Known)
        {
            if (known == name)
            {
                return type;
            }
        }
        return null;
    }

    /// <summary>Bytes of one element by the type's name, or null where nothing is known of the type.</summary>
    public static int? Size(string name)
    {
        if (Find(name) is { } type)
        {
            return SizeOf(type);
        }
        foreach ((string known, int size) in Foreign)
        {
            if (known == name)
            {
                return size;
            }
        }
        return null;
    }

    /// <exception cref="NotSupportedException">The format has no such type (complex numbers, quantised ones).</exception>
    public static string NameOf(ScalarType type)
    {
        foreach ((string name, ScalarType known) in Known)
        {
            if (known == type)
            {
                return name;
            }
        }
        throw new NotSupportedException($"A safetensors file holds {Names}; a tensor of type {type} was given.");
    }

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(ScalarType type) =>
        type switch
        {
            ScalarType.Float64 or ScalarType.Int64 => 8,
            ScalarType.Float32 or ScalarType.Int32 => 4,
            ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
            _ => 1,
        };
}
