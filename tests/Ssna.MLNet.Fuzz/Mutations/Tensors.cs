using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Ssna.MLNet.Fuzz.Mutations;

/// <summary>A safetensors file's header (offsets, shapes, types), the header's length, and its values.</summary>
internal static class Tensors
{
    private static readonly string[] s_types =
    [
        "F64",
        "F32",
        "F16",
        "BF16",
        "I64",
        "I32",
        "U8",
        "BOOL",
        "F8_E4M3",
        "U16",
        "C64",
        "",
        "f32",
        "X",
    ];

    private static readonly float[] s_values =
    [
        float.NaN,
        float.PositiveInfinity,
        float.NegativeInfinity,
        3e38f,
        0,
        -1,
    ];

    public static Mutation Mutate(byte[] content, Random random)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(content);
        byte[] header = content[sizeof(long)..(sizeof(long) + length)];
        byte[] data = content[(sizeof(long) + length)..];
        JsonObject json = JsonNode.Parse(header)!.AsObject();
        string[] names = [.. json.Select(tensor => tensor.Key).Where(name => name != "__metadata__")];
        string name = names[random.Next(names.Length)];
        JsonObject tensor = json[name]!.AsObject();
        switch (random.Next(8))
        {
            case 0:
                long[] lengths = [0, -1, 1, length - 1, length + 1, int.MaxValue, long.MaxValue, 100_000_001];
                long given = lengths[random.Next(lengths.Length)];
                var changed = (byte[])content.Clone();
                BinaryPrimitives.WriteInt64LittleEndian(changed, given);
                return new Mutation(changed, $"header of {given} bytes");
            case 1:
                string type = s_types[random.Next(s_types.Length)];
                tensor["dtype"] = type;
                return Join(json, data, $"'{name}' of type '{type}'");
            case 2:
                JsonArray shape = tensor["shape"]!.AsArray();
                if (random.Next(2) == 0 && shape.Count > 1)
                {
                    JsonNode last = shape[^1]!;
                    shape.RemoveAt(shape.Count - 1);
                    shape.Insert(0, last);
                }
                else
                {
                    shape.Add(random.Next(2) == 0 ? 1 : 1L << random.Next(63));
                }
                return Join(json, data, $"'{name}' of shape {shape.ToJsonString()}");
            case 3:
                JsonArray offsets = tensor["data_offsets"]!.AsArray();
                long[] moves = [1, -1, 4, -4, int.MaxValue, long.MinValue, data.Length];
                int which = random.Next(2);
                offsets[which] = unchecked(offsets[which]!.GetValue<long>() + moves[random.Next(moves.Length)]);
                return Join(json, data, $"'{name}' at {offsets.ToJsonString()}");
            case 4:
                string other = names[random.Next(names.Length)];
                JsonNode mine = tensor["data_offsets"]!.DeepClone();
                tensor["data_offsets"] = json[other]!["data_offsets"]!.DeepClone();
                json[other]!["data_offsets"] = mine;
                return Join(json, data, $"'{name}' and '{other}' in each other's place");
            case 5:
                var values = (byte[])data.Clone();
                int at = random.Next(values.Length / sizeof(float)) * sizeof(float);
                float value = s_values[random.Next(s_values.Length)];
                MemoryMarshal.Write(values.AsSpan(at), value);
                return Join(json, values, $"the value {value} at {at}");
            case 6:
                int bytes = random.Next(data.Length);
                return Join(json, data[..bytes], $"values cut to {bytes} bytes");
            default:
                Mutation fields = JsonFields.Mutate(header, random);
                return new Mutation(Join(fields.Content!, data), $"header: {fields.Description}");
        }
    }

    private static Mutation Join(JsonObject header, byte[] data, string description) =>
        new(Join(Encoding.UTF8.GetBytes(header.ToJsonString()), data), description);

    private static byte[] Join(byte[] header, byte[] data)
    {
        var length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }
}
