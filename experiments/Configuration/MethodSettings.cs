using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace Experiments.Configuration;

/// <summary>A method with every setting that it runs with, the defaults included: equal settings give equal results.</summary>
internal sealed record MethodSettings
{
    /// <summary>Recommends what was taken most often; nothing is trained.</summary>
    public const string Popularity = "Popularity";

    // What has a place of its own in a configuration, or cannot change a measurement.
    internal static readonly string[] NotHere =
    [
        nameof(SsnaTrainer.Options.Adaptation),
        nameof(SsnaTrainer.Options.Seed),
        nameof(SsnaTrainer.Options.NumberOfThreads),
        nameof(SsnaTrainer.Options.Precision),
        nameof(SsnaTrainer.Options.TopK),
        nameof(SsnaTrainer.Options.ExcludeHistory),
        nameof(SsnaTrainer.Options.KeepBestOnCancellation),
    ];

    // The kinds of adaptation that the library has, by their names, and what learns nothing.
    private static readonly Dictionary<string, Type?> s_methods = typeof(ItemAdaptation)
        .GetNestedTypes()
        .Where(kind => !kind.IsAbstract)
        .Select(kind => (kind.Name, (Type?)kind))
        .Append((Popularity, null))
        .ToDictionary();

    /// <summary>The names of the methods.</summary>
    public static IEnumerable<string> Methods => s_methods.Keys;

    /// <summary>One of <see cref="Methods"/>.</summary>
    public required string Method { get; init; }

    /// <summary>The method's own options.</summary>
    public required JsonObject MethodOptions { get; init; }

    /// <summary>The trainer's options.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>What is searched for first, or null where the options are used as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SearchSettings? Search { get; init; }

    /// <summary>Whether it learns, and so differs between seeds.</summary>
    public bool IsTrained => Method != Popularity;

    /// <summary>Whether it reads features that an encoder made.</summary>
    public bool NeedsFeatures => s_methods[Method]?.IsAssignableTo(typeof(ItemAdaptation.StoredFeatures)) == true;

    /// <summary>Whether an encoder is needed, for features or to be trained itself.</summary>
    public bool NeedsEncoder => ReadsTexts(Method);

    /// <summary>Whether a method, one of <see cref="Methods"/>, knows items by their texts.</summary>
    public static bool ReadsTexts(string method) => method is not ("ItemIds" or Popularity);

    /// <summary>Whether it has an embedding for an item that it never saw in training.</summary>
    public bool EmbedsNewItems => NeedsEncoder;

    /// <summary>How many of the encoder's top layers it reads.</summary>
    public int FeatureLayers =>
        !NeedsFeatures ? 0
        : !s_methods[Method]!.IsAssignableTo(typeof(ItemAdaptation.Adapters)) ? 1
        : Search?.Axes(new ItemAdaptation.Ssna()).FirstOrDefault(axis => axis.Name == LayersAxis) is { } axis
            ? axis.Values.Max(value => int.Parse(value, CultureInfo.InvariantCulture))
        : MethodOptions[nameof(ItemAdaptation.Ssna.LayerCount)]!.GetValue<int>();

    private const string LayersAxis =
        nameof(SsnaTrainer.Options.Adaptation) + "." + nameof(ItemAdaptation.Ssna.LayerCount);

    /// <summary>Everything that a configuration says of one of its methods, and what it leaves open.</summary>
    /// <exception cref="InvalidDataException">A name is not known, or a value is out of its range.</exception>
    public static MethodSettings Resolve(ExperimentConfiguration experiment, MethodConfiguration method)
    {
        string where = $"method '{method.Name}'";
        ItemAdaptation? adaptation = Adaptation(method.Method, experiment.Model, where);
        if (adaptation is null)
        {
            if (
                method.Options.Concat(method.MethodOptions).Any()
                || method.Preset is not null
                || method.Grid is not null
            )
            {
                throw new InvalidDataException($"{where}: {method.Method} has no options; expected none.");
            }
            return new()
            {
                Method = method.Method,
                MethodOptions = [],
                Options = [],
            };
        }
        SsnaTrainer.Options options = (method.Preset ?? experiment.Preset) switch
        {
            "default" => new SsnaTrainer.Options { Adaptation = adaptation },
            "paper" => SsnaTrainer.Options.Paper(adaptation),
            string other => throw new InvalidDataException(
                $"{where}: preset: expected default or paper, found '{other}'."
            ),
        };
        OptionValues.Apply(options, experiment.Options, "options", NotHere);
        OptionValues.Apply(options, method.Options, where, NotHere);
        OptionValues.Apply(options.Adaptation, method.MethodOptions, where + ": method_options");
        var settings = new MethodSettings
        {
            Method = method.Method,
            MethodOptions = OptionValues.Read(options.Adaptation),
            Options = OptionValues.Read(options, NotHere),
            Search = SearchSettings.Of(method, where),
        };
        settings.CheckRanges(experiment.Model, where);
        return settings;
    }

    /// <summary>The trainer's options as they are set here, without data.</summary>
    /// <param name="encoder">The folder of the encoder, for a method that trains it.</param>
    public SsnaTrainer.Options TrainerOptions(string? encoder)
    {
        ItemAdaptation adaptation = Adaptation(Method, encoder, Method)!;
        OptionValues.Apply(adaptation, MethodOptions, Method);
        var options = new SsnaTrainer.Options { Adaptation = adaptation };
        OptionValues.Apply(options, Options, Method, NotHere);
        return options;
    }

    // The trainer itself knows the ranges, and checks them as it is made.
    private void CheckRanges(string? encoder, string where)
    {
        var mlContext = new MLContext();
        SsnaTrainer.Options options = TrainerOptions(encoder);
        options.Items = mlContext.Data.LoadFromEnumerable(Array.Empty<NoItem>());
        try
        {
            mlContext.Recommendation().Trainers.Ssna(options);
            if (Search is not null)
            {
                mlContext.Recommendation().Trainers.SsnaGridSearch(Search.SearchOptions(options));
            }
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{where}: {error.Message}", error);
        }
    }

    private static ItemAdaptation? Adaptation(string method, string? encoder, string where)
    {
        if (!s_methods.TryGetValue(method, out Type? kind))
        {
            throw new InvalidDataException(
                $"{where}: there is no method '{method}'; expected one of {string.Join(", ", Methods)}."
            );
        }
        var adaptation = kind is null ? null : (ItemAdaptation?)Activator.CreateInstance(kind);
        if (adaptation is ItemAdaptation.TrainedEncoder trained)
        {
            trained.Encoder = encoder ?? "";
        }
        return adaptation;
    }

    private sealed class NoItem
    {
        public string Item { get; set; } = "";
    }
}
