using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Items;

namespace Ssna.MLNet.Selection;

/// <summary>One point of a search.</summary>
/// <param name="Values">The value of each axis, as text.</param>
/// <param name="Options">The trainer's options with these values.</param>
/// <param name="Trainer">The trainer that was made of them.</param>
internal sealed record SearchPoint(
    IReadOnlyDictionary<string, string> Values,
    SsnaTrainer.Options Options,
    SsnaTrainer Trainer
)
{
    private ItemInputs? _inputs;

    /// <summary>What the point reads of the items.</summary>
    public ItemInputs Inputs => _inputs ??= Options.Adaptation.Inputs();

    /// <summary>What the point's trial is found by.</summary>
    public string Key { get; } = KeyOf(Values);

    /// <summary>A hash of names and values, in whatever order the axes were given.</summary>
    public static string KeyOf(IReadOnlyDictionary<string, string> values)
    {
        string[][] ordered =
        [
            .. values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new[] { pair.Key, pair.Value }),
        ];
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(ordered)))[..16];
    }

    public override string ToString() => Describe(Values);

    public static string Describe(IReadOnlyDictionary<string, string> values) =>
        string.Join(", ", values.Select(pair => $"{pair.Key} = {pair.Value}"));

    /// <summary>The points of a grid, or a sample of them, each checked.</summary>
    /// <param name="environment">Where the trainers belong.</param>
    /// <param name="search">The search's options, themselves checked.</param>
    /// <param name="seed">The seed of the sample.</param>
    /// <exception cref="ArgumentException">A point's options are out of range; the message names point and option.</exception>
    public static SearchPoint[] Of(IHostEnvironment environment, SsnaGridSearch.Options search, int seed)
    {
        long total = Count(search.Axes);
        IEnumerable<long> indexes = search.SampleSize is { } size ? Sample(total, size, seed) : All(total);
        return [.. indexes.Select(index => Create(environment, search, index))];
    }

    /// <summary>The points of a grid; <see cref="long.MaxValue"/> for more than fit.</summary>
    public static long Count(IReadOnlyList<SsnaSearchAxis> axes)
    {
        decimal total = 1; // up to 8e28
        foreach (SsnaSearchAxis axis in axes)
        {
            total = Math.Min(total * axis.Values.Count, long.MaxValue);
        }
        return (long)total;
    }

    // The last axis changes fastest.
    private static SearchPoint Create(IHostEnvironment environment, SsnaGridSearch.Options search, long index)
    {
        var choice = new int[search.Axes.Count];
        for (int i = choice.Length - 1; i >= 0; i--)
        {
            index = Math.DivRem(index, search.Axes[i].Values.Count, out long rest);
            choice[i] = (int)rest;
        }
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        SsnaTrainer.Options options = search.Trainer.Clone();
        // Kept is the best of finished trials: one that was cut short is no trial.
        options.KeepBestOnCancellation = false;
        try
        {
            foreach ((SsnaSearchAxis axis, int value) in search.Axes.Zip(choice))
            {
                values.Add(axis.Name, axis.Values[value]);
                axis.Set(options, value);
            }
            // Trials are trainings of their own.
            options.CheckpointFolder = options.CheckpointFolder is { } folder
                ? Path.Combine(folder, KeyOf(values))
                : null;
            return new SearchPoint(values, options, new SsnaTrainer(environment, options));
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"The point {Describe(values)} cannot be trained. {e.Message}", e);
        }
    }

    private static IEnumerable<long> All(long total)
    {
        for (long i = 0; i < total; i++)
        {
            yield return i;
        }
    }

    // In the order drawn, so that a smaller sample of the same seed is the beginning of a larger one.
    private static IEnumerable<long> Sample(long total, int size, int seed)
    {
        var random = new Random(seed);
        var drawn = new HashSet<long>();
        while (drawn.Count < size)
        {
            long index = random.NextInt64(total);
            if (drawn.Add(index))
            {
                yield return index;
            }
        }
    }
}
