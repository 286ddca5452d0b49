using Ssna.MLNet.Runtime;

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

    /// <summary>An axis over a setting of a kind that the options choose: of their adaptation, their sequence model or their loss.</summary>
    /// <typeparam name="TKind">The kind, such as <see cref="ItemAdaptation.Ssna"/>; options of another are refused by name.</typeparam>
    /// <typeparam name="T">The values' type.</typeparam>
    /// <param name="name">The name of the axis, such as "Adaptation.LayerCount": what trials and tables call it.</param>
    /// <param name="values">The values.</param>
    /// <param name="set">Sets a value. It is called once a point, on a kind of that point's own.</param>
    /// <param name="describe">The text of a value; null takes its own, which is right for numbers, enumerations and text.</param>
    /// <exception cref="ArgumentException">There is no name or no value, or two values have the same text.</exception>
    /// <example><code>
    /// SsnaSearchAxis.Of("Adaptation.LayerCount", [1, 2, 3], (ItemAdaptation.Ssna ssna, int count) => ssna.LayerCount = count)
    /// </code></example>
    public static SsnaSearchAxis Of<TKind, T>(
        string name,
        IReadOnlyList<T> values,
        Action<TKind, T> set,
        Func<T, string>? describe = null
    )
        where TKind : class
    {
        ArgumentNullException.ThrowIfNull(set);
        return Of(
            name,
            values,
            (SsnaTrainer.Options options, T value) => set(KindOf<TKind>(options, name), value),
            describe
        );
    }

    // Every point has kinds of its own, so their fields can be set.
    private static TKind KindOf<TKind>(SsnaTrainer.Options options, string axis)
        where TKind : class
    {
        object[] kinds = [options.Adaptation, options.SequenceModel, options.Loss];
        TKind? kind = kinds.OfType<TKind>().FirstOrDefault();
        OptionsChecks.Require(
            kind is not null,
            string.Join(", ", kinds),
            $"of axis '{axis}'",
            $"options with a {typeof(TKind).Name}, whose setting it varies"
        );
        return kind!;
    }

    /// <summary>What trials and tables call it.</summary>
    public string Name { get; }

    /// <summary>The values as text.</summary>
    public IReadOnlyList<string> Values { get; }

    internal void Set(SsnaTrainer.Options options, int value) => _set(options, value);
}
