using System.Text.Json.Nodes;
using Microsoft.ML.Trainers.Recommender;

namespace Experiments.Configuration;

/// <summary>What a search varies, and how much of it is tried.</summary>
/// <param name="Grid">Lists of values by name, or <c>"paper"</c>.</param>
/// <param name="SampleSize">Points drawn at random, or null for all.</param>
/// <param name="MaximumTime">Time after which no further trial starts, or null.</param>
internal sealed record SearchSettings(JsonNode Grid, int? SampleSize, TimeSpan? MaximumTime)
{
    private const string Paper = "paper";
    private const string OwnPrefix = nameof(SsnaTrainer.Options.Adaptation) + ".";

    /// <summary>The search of a method, or null where there is none.</summary>
    /// <exception cref="InvalidDataException">The grid is none.</exception>
    public static SearchSettings? Of(MethodConfiguration method, string where)
    {
        if (method.Grid is null)
        {
            return method.SampleSize is null && method.SearchTime is null
                ? null
                : throw new InvalidDataException(
                    $"{where}: sample_size and search_time: expected a grid beside them, found none."
                );
        }
        bool isGrid =
            (method.Grid is JsonValue value && value.TryGetValue(out string? text) && text == Paper)
            || (
                method.Grid is JsonObject lists
                && lists.Count > 0
                && lists.All(list => list.Value is JsonArray { Count: > 0 })
            );
        return isGrid
            ? new(method.Grid, method.SampleSize, method.SearchTime)
            : throw new InvalidDataException(
                $"{where}: grid: expected \"{Paper}\" or lists of values by name, found {method.Grid.ToJsonString()}."
            );
    }

    /// <summary>The axes of the grid.</summary>
    public IReadOnlyList<SsnaSearchAxis> Axes(ItemAdaptation adaptation) =>
        Grid is JsonObject lists
            ? [.. lists.Select(list => Axis(list.Key, list.Value!.AsArray()))]
            : SsnaGrid.Paper(adaptation);

    /// <summary>The library's options for the search around <paramref name="trainer"/>.</summary>
    public SsnaGridSearch.Options SearchOptions(SsnaTrainer.Options trainer) =>
        new()
        {
            Trainer = trainer,
            Axes = Axes(trainer.Adaptation),
            SampleSize = SampleSize,
            MaximumTime = MaximumTime,
        };

    private static SsnaSearchAxis Axis(string name, JsonArray values) =>
        SsnaSearchAxis.Of(
            name,
            [.. values.Select(value => value?.DeepClone())],
            (options, value) =>
            {
                bool own = name.StartsWith(OwnPrefix, StringComparison.Ordinal);
                OptionValues.Apply(
                    own ? options.Adaptation : options,
                    new JsonObject { [own ? name[OwnPrefix.Length..] : name] = value?.DeepClone() },
                    "grid",
                    own ? [] : MethodSettings.NotHere
                );
            },
            value => value?.ToString() ?? "null"
        );
}
