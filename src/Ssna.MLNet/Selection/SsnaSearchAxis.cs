using Ssna.MLNet.Training;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>One thing that a search varies: its name, its values, and how a value is set.</summary>
public sealed class SsnaSearchAxis
{
    private readonly Action<SsnaTrainer.Options, int> _set;

    private SsnaSearchAxis(string name, string[] values, Action<SsnaTrainer.Options, int> set)
    {
        (Name, Values, _set) = (name, values, set);
        string option = $"of axis '{name}'";
        OptionsChecks.Require(values.Length > 0, "none", option, "at least one value");
        foreach (IGrouping<string, string> same in values.GroupBy(value => value, StringComparer.Ordinal))
        {
            // Trials are known by these texts.
            OptionsChecks.Require(same.Count() == 1, $"'{same.Key}' twice", option, "values that read differently");
        }
    }

    /// <summary>An axis over any values.</summary>
    /// <param name="name">The name of the axis, such as that of the option: what trials and tables call it.</param>
    /// <param name="values">The values.</param>
    /// <param name="set">Sets a value. It is called once a point, on options of that point's own.</param>
    /// <param name="describe">The text of a value; null takes its own, which is right for numbers, enumerations and text.</param>
    /// <exception cref="ArgumentException">There is no name or no value, or two values have the same text.</exception>
    public static SsnaSearchAxis Of<T>(
        string name,
        IReadOnlyList<T> values,
        Action<SsnaTrainer.Options, T> set,
        Func<T, string>? describe = null
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(set);
        T[] copy = [.. values];
        describe ??= value => FormattableString.Invariant($"{value}");
        return new SsnaSearchAxis(name, Array.ConvertAll(copy, value => describe(value)), (o, i) => set(o, copy[i]));
    }

    /// <summary>What trials and tables call it.</summary>
    public string Name { get; }

    /// <summary>The values as text.</summary>
    public IReadOnlyList<string> Values { get; }

    internal void Set(SsnaTrainer.Options options, int value) => _set(options, value);
}
