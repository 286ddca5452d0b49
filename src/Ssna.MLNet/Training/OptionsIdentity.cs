using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Training;

/// <summary>The values of options by name, as text: what tells one training, or one search, from another.</summary>
internal static class OptionsIdentity
{
    // Where it runs and what is told leaves what is learned as it is, up to rounding.
    private static readonly string[] s_irrelevant =
    [
        nameof(TrainingOptions.GpuDeviceId),
        nameof(TrainingOptions.FallbackToCpu),
        nameof(TrainingOptions.NumberOfThreads),
        nameof(TrainingOptions.KeepBestOnCancellation),
        nameof(TrainingOptions.CheckpointFolder),
        nameof(TrainingOptions.CheckpointInterval),
        nameof(TrainingOptions.CheckpointSteps),
        nameof(TrainingOptions.CheckpointEpochs),
    ];

    /// <summary>Every number, switch, choice and name of the options and of the kinds that they choose.</summary>
    /// <param name="options">The options.</param>
    /// <param name="seed">The seed, where they leave it open.</param>
    /// <param name="except">Names that do not matter to who asks.</param>
    public static SortedDictionary<string, string> Of(TrainingOptions options, int seed, params string[] except)
    {
        var identity = new SortedDictionary<string, string>(StringComparer.Ordinal);
        AddValues(identity, "", options);
        AddKind(identity, nameof(options.Adaptation), options.Adaptation);
        foreach ((string setting, byte[] hash) in options.Adaptation.Folders)
        {
            identity[$"{nameof(options.Adaptation)}.{setting}"] =
                $"a folder with the hash {Convert.ToHexStringLower(hash)[..16]}";
        }
        AddKind(identity, nameof(options.SequenceModel), options.SequenceModel);
        AddKind(identity, nameof(options.Loss), options.Loss);
        identity[nameof(options.Seed)] = (options.Seed ?? seed).ToString(CultureInfo.InvariantCulture);
        foreach (string name in s_irrelevant.Concat(except))
        {
            identity.Remove(name);
        }
        return identity;
    }

    /// <summary>What differs between two identities, said for a message; null where nothing does.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="wanted">What is asked for.</param>
    public static string? Difference(
        IReadOnlyDictionary<string, string> found,
        IReadOnlyDictionary<string, string> wanted
    ) =>
        wanted
            .Keys.Union(found.Keys)
            .Order(StringComparer.Ordinal)
            .Select(name =>
                (
                    Name: name,
                    Here: wanted.GetValueOrDefault(name, "missing"),
                    There: found.GetValueOrDefault(name, "missing")
                )
            )
            .Where(value => value.Here != value.There)
            .Select(value => $"{value.Name} is {value.There} there and {value.Here} here")
            .FirstOrDefault();

    private static void AddKind(SortedDictionary<string, string> identity, string option, object kind)
    {
        identity[option] = kind.GetType().Name;
        AddValues(identity, option + ".", kind);
    }

    // Every option is a public field; those that are no plain value are data or wiring.
    private static void AddValues(SortedDictionary<string, string> identity, string prefix, object options)
    {
        foreach (FieldInfo field in options.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            Type type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
            if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan))
            {
                identity[prefix + field.Name] = FormattableString.Invariant($"{field.GetValue(options) ?? "null"}");
            }
            else if (field.GetValue(options) is IEnumerable values and not IDataView)
            {
                identity[prefix + field.Name] = string.Join(
                    ", ",
                    values.Cast<object>().Select(value => FormattableString.Invariant($"{value}"))
                );
            }
        }
    }
}
