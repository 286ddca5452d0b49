using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Model.Items;

/// <summary>Which modules the <c>target_modules</c> of an <c>adapter_config.json</c> mean.</summary>
/// <param name="Names">Whole names, or the ends of names.</param>
/// <param name="Pattern">What whole names match; counts where there are no <paramref name="Names"/>.</param>
internal sealed record PeftTargets(IReadOnlyList<string> Names, string? Pattern)
{
    private const string Field = "target_modules";
    private const string AllLinear = "all-linear";

    /// <summary>What a model's class may put before its encoder's modules.</summary>
    private static readonly string[] s_prefixes = ["", .. EncoderFamily.All.Select(family => family.Prefix)];

    /// <summary>Reads the field; null where it is absent, and the file's tensors alone decide.</summary>
    /// <exception cref="InvalidDataException">It is neither a pattern nor a list of names.</exception>
    public static PeftTargets? Read(JsonElement root, JsonFields fields)
    {
        if (!root.TryGetProperty(Field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        if (value.ValueKind == JsonValueKind.String)
        {
            return new PeftTargets([], value.GetString());
        }
        bool names =
            value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String);
        return names
            ? new PeftTargets([.. value.EnumerateArray().Select(name => name.GetString()!)], null)
            : throw fields.Unexpected(Field, "a pattern or a list of names");
    }

    /// <summary>Refuses targets that are not exactly the maps which an encoder's deltas are beside.</summary>
    /// <exception cref="InvalidDataException">They are others.</exception>
    public void Check(string source, LowRankEncoder encoder)
    {
        EncoderProjections every = Enum.GetValues<EncoderProjections>().Aggregate((one, other) => one | other);
        IReadOnlyList<EncoderProjection> all = EncoderProjection.Of(encoder.Shape.Encoder, every);
        Func<string, bool> isTarget = Pattern is null ? IsNamed : Matcher(source);
        HashSet<string> meant = [.. all.Select(map => map.Module).Where(isTarget)];
        string? foreign = Names.FirstOrDefault(name => !all.Any(map => IsMeantBy(name, map.Module)));
        if (foreign is not null || !meant.SetEquals(encoder.Deltas.Select(delta => delta.Projection.Module)))
        {
            throw new InvalidDataException(
                $"'{source}': expected '{Field}' to mean {encoder.Shape.Targets} of every layer, found "
                    + $"{(Pattern is null ? string.Join(", ", Names.Select(name => $"'{name}'")) : $"'{Pattern}'")}."
            );
        }
    }

    private bool IsNamed(string module) => Names.Any(name => IsMeantBy(name, module));

    private static bool IsMeantBy(string name, string module) =>
        s_prefixes.Any(prefix => $"{prefix}{module}" == name) || module.EndsWith($".{name}", StringComparison.Ordinal);

    private Func<string, bool> Matcher(string source)
    {
        if (Pattern == AllLinear)
        {
            return _ => true;
        }
        try
        {
            // Linear in the name's length, whatever the pattern.
            var pattern = new Regex($"^(?:{Pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return module => s_prefixes.Any(prefix => pattern.IsMatch($"{prefix}{module}"));
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException(
                $"'{source}': expected '{Field}' to be a pattern that can be matched, found '{Pattern}' ({error.Message}).",
                error
            );
        }
    }
}
