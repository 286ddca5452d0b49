using System.Text.Json.Nodes;
using Experiments.Runs;
using Experiments.Statistics;

namespace Experiments.Reports;

/// <summary>What an experiment found, as report.json holds it; tables, plots and pages are made from it alone.</summary>
internal sealed record ExperimentReport
{
    /// <summary>The command: <c>compare</c>, <c>layers</c>, ...</summary>
    public required string Command { get; init; }

    public required string DataSet { get; init; }

    public required DataCounts Counts { get; init; }

    /// <summary>What the runs ran on; times of different machines do not compare.</summary>
    public required IReadOnlyList<Machine> Machines { get; init; }

    /// <summary>The versions of the library that the runs are of; none in a report that did not say.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>The method that the others are compared with.</summary>
    public required string Reference { get; init; }

    /// <summary>Resamples of the users behind every interval.</summary>
    public required int Resamples { get; init; }

    public required IReadOnlyList<MethodReport> Methods { get; init; }

    /// <summary>Runs that failed, and why.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    /// <summary>The groups of test cases, in the order of the tables.</summary>
    public IEnumerable<string> Groups() => Methods[0].Figures.Select(figure => figure.Cases).Distinct();
}

/// <summary>One method over all its seeds.</summary>
internal sealed record MethodReport
{
    public required string Name { get; init; }

    public required string Method { get; init; }

    /// <summary>The method's own options.</summary>
    public required JsonObject MethodOptions { get; init; }

    /// <summary>The trainer's options.</summary>
    public required JsonObject Options { get; init; }

    public required IReadOnlyList<int> Seeds { get; init; }

    public required IReadOnlyList<FigureReport> Figures { get; init; }

    /// <summary>Figures of test cases that have something in common, split in several ways; none where runs did not tell.</summary>
    public IReadOnlyList<GroupReport> Groups { get; init; } = [];

    /// <summary>What the lists hold; none where runs did not tell.</summary>
    public IReadOnlyList<ListReport> Lists { get; init; } = [];

    /// <summary>Of the seeds' medians; null where nothing is trained.</summary>
    public required Spread? SecondsPerEpoch { get; init; }

    public required Spread SecondsTotal { get; init; }

    public required Spread PeakMemoryMb { get; init; }

    public required long TrainableParameters { get; init; }

    /// <summary>The epoch kept, of each seed.</summary>
    public required IReadOnlyList<int> BestEpochs { get; init; }

    /// <summary>Validation Recall@10 after each epoch, of each seed.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> ValidationRecallAt10 { get; init; }

    /// <summary>Where training was ended before validation told it to; of the first seed of which that is so.</summary>
    public TrainingLimit? Limit { get; init; }

    /// <summary>The trials of a search, of each seed, or null.</summary>
    public IReadOnlyList<SearchFigures>? Searches { get; init; }

    public FigureReport Figure(string cases, Protocol protocol, Measure measure) =>
        Figures.First(f => f.Cases == cases && f.Protocol == protocol && f.Measure == measure.Name);
}

/// <summary>How far training went that a limit ended: validation might have become better still.</summary>
/// <param name="Epochs">Epochs, the last one begun.</param>
/// <param name="Steps">Steps in all where they ended training within an epoch; null where it ended with one.</param>
/// <param name="StepsPerEpoch">Steps of a whole epoch.</param>
internal sealed record TrainingLimit(int Epochs, int? Steps, int StepsPerEpoch)
{
    public override string ToString() =>
        Steps is { } steps ? $"{steps:N0} steps ({steps / (double)StepsPerEpoch:0.##} epochs)"
        : Epochs == 1 ? "1 epoch"
        : $"{Epochs} epochs";
}

/// <summary>One figure of a method.</summary>
/// <param name="Cases">The group of test cases: see <see cref="TestCases"/>.</param>
/// <param name="Protocol">Which items compete.</param>
/// <param name="Measure">The name of the <see cref="Statistics.Measure"/>.</param>
/// <param name="CaseCount">How many test cases there are.</param>
/// <param name="CatalogueSize">Among how many items each was ranked.</param>
/// <param name="Value">Over the seeds.</param>
/// <param name="Interval">Of the mean over the seeds, when users are drawn again: 95 %.</param>
/// <param name="ShareOfBest">Of the best method's mean.</param>
/// <param name="Difference">The reference's mean taken off, over the same users; null for the reference itself.</param>
/// <param name="StandardError">Of the mean over the seeds, over other users; null of one case, or where the report did not tell.</param>
internal sealed record FigureReport(
    string Cases,
    Protocol Protocol,
    string Measure,
    int CaseCount,
    int CatalogueSize,
    Spread Value,
    Range Interval,
    double ShareOfBest,
    Difference? Difference,
    double? StandardError = null
);

/// <summary>A difference of two methods, and where 95 % of the resamples put it.</summary>
internal sealed record Difference(double Value, Range Interval)
{
    /// <summary>Whether the interval leaves out 0.</summary>
    public bool IsClear => Interval.Low > 0 || Interval.High < 0;
}

/// <summary>An interval.</summary>
internal sealed record Range(double Low, double High);
