using Ssna.MLNet.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

/// <summary>Moves an encoder's parameters between checkpoints and the form that the encoder computes with.</summary>
internal static class EncoderWeights
{
    /// <summary>Reads every parameter that <see cref="EncoderLayout"/> lists, in its order.</summary>
    /// <param name="configuration">Says which parameters there are.</param>
    /// <param name="source">The checkpoint.</param>
    /// <returns>Tensors on the CPU, in the type that the checkpoint keeps them in.</returns>
    /// <exception cref="InvalidDataException">
    /// A tensor is missing, of another shape, not of floating point, there twice, or of no use to the encoder.
    /// </exception>
    public static IReadOnlyList<Tensor> Read(EncoderConfiguration configuration, ITensorSource source)
    {
        CheckLayers(configuration, source);
        IReadOnlyList<EncoderParameter> layout = EncoderLayout.Of(configuration);
        Dictionary<string, string> stored = Find(layout, configuration, source);
        // All of them, before any is read: a configuration that does not fit costs nothing.
        foreach (EncoderParameter parameter in layout)
        {
            Check(parameter, stored, source);
        }
        return [.. layout.Select(parameter => Read(parameter, stored, source))];
    }

    /// <summary>Refuses more layers than there are tensors: their names alone could fill the memory.</summary>
    /// <exception cref="InvalidDataException">The configuration has more.</exception>
    public static void CheckLayers(EncoderConfiguration configuration, ITensorSource source)
    {
        if (configuration.LayerCount > source.Names.Count)
        {
            throw new InvalidDataException(
                $"'{source.Source}': expected the tensors of {configuration.LayerCount} layers, as "
                    + $"'{configuration.LayersField}' of '{EncoderConfiguration.FileName}' says, found {source.Names.Count} tensors."
            );
        }
    }

    /// <summary>The parameters under the names that Hugging Face's libraries know, each in its own shape.</summary>
    /// <remarks>The tensors are views of the parameters.</remarks>
    public static IReadOnlyList<(string Name, Tensor Value)> ToCheckpoint(
        IEnumerable<(EncoderParameter Parameter, Tensor Value)> parameters
    )
    {
        var tensors = new List<(string, Tensor)>();
        foreach ((EncoderParameter parameter, Tensor value) in parameters)
        {
            long rows = parameter.SourceShape[0];
            for (int i = 0; i < parameter.Sources.Count; i++)
            {
                tensors.Add((parameter.Sources[i], value.narrow(0, i * rows, rows)));
            }
        }
        return tensors;
    }

    /// <summary>Where the checkpoint keeps each tensor that is wanted, after checking that nothing is missing or left over.</summary>
    private static Dictionary<string, string> Find(
        IReadOnlyList<EncoderParameter> layout,
        EncoderConfiguration configuration,
        ITensorSource source
    )
    {
        HashSet<string> wanted = [.. layout.SelectMany(parameter => parameter.Sources)];
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        var surplus = new List<string>();
        foreach (string name in source.Names)
        {
            string canonical = CheckpointNames.Canonical(name);
            if (wanted.Contains(canonical))
            {
                if (!stored.TryAdd(canonical, name))
                {
                    throw new InvalidDataException(
                        $"'{source.Source}': tensors '{stored[canonical]}' and '{name}' are the same weight; expected one."
                    );
                }
            }
            else if (!CheckpointNames.IsIgnored(canonical))
            {
                surplus.Add(name);
            }
        }
        string[] missing = [.. wanted.Where(name => !stored.ContainsKey(name))];
        string kind = $"a {configuration.Family} encoder of {configuration.LayerCount} layers";
        if (missing.Length > 0)
        {
            throw new InvalidDataException($"'{source.Source}': {kind} needs {List(missing)}, which is missing.");
        }
        return surplus.Count == 0
            ? stored
            : throw new InvalidDataException($"'{source.Source}': {kind} has no use for {List(surplus)}.");
    }

    private static void Check(EncoderParameter parameter, Dictionary<string, string> stored, ITensorSource source)
    {
        long[] expected = parameter.SourceShape;
        foreach (string name in parameter.Sources.Select(part => stored[part]))
        {
            IReadOnlyList<long> shape = source.ShapeOf(name);
            if (!shape.SequenceEqual(expected) || !IsFloatingPoint(SafetensorsType.Find(source.TypeOf(name))))
            {
                throw new InvalidDataException(
                    $"'{source.Source}': expected tensor '{name}' to be of floating point and shape "
                        + $"[{string.Join(", ", expected)}], found {source.TypeOf(name)} and [{string.Join(", ", shape)}]."
                );
            }
        }
    }

    private static Tensor Read(EncoderParameter parameter, Dictionary<string, string> stored, ITensorSource source)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] parts = [.. parameter.Sources.Select(part => source.ReadFinite(stored[part]))]; // (rows of the part, ...)
        return (parts.Length == 1 ? parts[0] : cat(parts, 0)).MoveToOuterDisposeScope(); // (rows, ...)
    }

    private static bool IsFloatingPoint(ScalarType? type) =>
        type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    private static string List(IReadOnlyCollection<string> names)
    {
        const int shown = 3;
        string first = string.Join(", ", names.Take(shown).Select(name => $"tensor '{name}'"));
        return names.Count <= shown ? first : $"{first} and {names.Count - shown} more";
    }
}
