using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Model;

/// <summary>Says by name in what two models differ that would have to be the same for one to take over the other's weights.</summary>
internal static class ArchitectureDifference
{
    private const string Items = "Adaptation";
    private const string Sequence = "SequenceModel";
    private static readonly string[] s_kinds = [Items, Sequence];

    /// <summary>The first difference, said for a message; null where there is none.</summary>
    /// <param name="expected">The shape that is asked for.</param>
    /// <param name="found">The shape that there is.</param>
    public static string? Of(SsnaModelShape expected, SsnaModelShape found)
    {
        SortedDictionary<string, string> wanted = Values(expected);
        SortedDictionary<string, string> there = Values(found);
        string? name =
            s_kinds.FirstOrDefault(kind => wanted[kind] != there[kind]) // of other kinds, all names differ
            ?? wanted
                .Keys.Union(there.Keys)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault(name => wanted.GetValueOrDefault(name) != there.GetValueOrDefault(name));
        return name is null
            ? null
            : $"{name}: expected {wanted.GetValueOrDefault(name, "none")}, found {there.GetValueOrDefault(name, "none")}";
    }

    // By the names of the options that decide them.
    private static SortedDictionary<string, string> Values(SsnaModelShape shape)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [nameof(shape.Dimension)] = shape.Dimension.ToString(CultureInfo.InvariantCulture),
            [Items] = KindOf(shape.Items),
            [Sequence] = KindOf(shape.Sequence),
        };
        Add(values, Items + ".", shape.Items);
        Add(values, Sequence + ".", shape.Sequence);
        return values;
    }

    private static string KindOf(object shape) =>
        shape.GetType().GetCustomAttribute<SavedAsAttribute>(inherit: false)?.Name ?? shape.GetType().Name;

    private static void Add(SortedDictionary<string, string> values, string prefix, object part)
    {
        foreach (PropertyInfo property in part.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (
                property.IsDefined(typeof(MayDifferAttribute), inherit: true)
                || property.IsDefined(typeof(JsonIgnoreAttribute), inherit: true)
            )
            {
                continue;
            }
            object? value = property.GetValue(part);
            if (value is ItemEncoderShape inner)
            {
                Add(values, prefix, inner);
            }
            else if (value is EncoderConfiguration encoder)
            {
                Add(values, $"{prefix}{property.Name}.", encoder);
            }
            else if (value is not IEnumerable or string)
            {
                values[prefix + property.Name] = FormattableString.Invariant($"{value ?? "null"}");
            }
        }
    }
}
