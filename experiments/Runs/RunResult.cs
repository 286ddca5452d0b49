namespace Experiments.Runs;

/// <summary>What one run measured; one file a run.</summary>
internal sealed record RunResult
{
    public required RunSettings Settings { get; init; }

    /// <summary>What it ran on.</summary>
    public required Machine Machine { get; init; }

    /// <summary>The library's version, with the commit that it was built from where that is known.</summary>
    public string Version { get; init; } = "an earlier version";

    public required DataCounts Counts { get; init; }

    /// <summary>Every finished epoch; empty where nothing is trained.</summary>
    public required IReadOnlyList<EpochFigures> Epochs { get; init; }

    /// <summary>The epoch whose weights were kept: that with the best validation Recall@10; 0 where nothing is trained.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>
    /// The median over the epochs, of training alone; where steps ended the first epoch, what the whole of it would take at the
    /// same pace; null where nothing is trained.
    /// </summary>
    public required double? SecondsPerEpoch { get; init; }

    /// <summary>From reading the data to the last figure; of a search, training and validation of all its trials.</summary>
    public required double SecondsTotal { get; init; }

    /// <summary>The numbers that training changed.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>The most that was resident in the run's process (10^6 bytes), from its start to the last figure.</summary>
    public required double PeakMemoryMb { get; init; }

    /// <summary>The test cases by group; leave-one-out has one group, <see cref="TestCases.All"/>.</summary>
    public required IReadOnlyDictionary<string, TestRanks> Test { get; init; }

    /// <summary>The trials of a search, or null.</summary>
    public SearchFigures? Search { get; init; }
}

/// <summary>The names of groups of test cases.</summary>
internal static class TestCases
{
    /// <summary>Every user's last item, among the whole catalogue.</summary>
    public const string All = "all";

    /// <summary>Last items that were trained on, among the whole catalogue.</summary>
    public const string Warm = "warm";

    /// <summary>Last items that were never trained on, among the whole catalogue.</summary>
    public const string Cold = "cold";

    /// <summary>Last items that were never trained on, among the items that never were.</summary>
    public const string ColdAmongCold = "cold_among_cold";
}

/// <summary>Where the wanted items stand; in the order of the users, so that runs can be compared user by user.</summary>
/// <param name="CatalogueSize">The number of items that each was ranked among.</param>
/// <param name="All">Ranks from 1 over all items.</param>
/// <param name="ExcludeSeen">Ranks without the other items of the user's history.</param>
internal sealed record TestRanks(int CatalogueSize, IReadOnlyList<int> All, IReadOnlyList<int> ExcludeSeen)
{
    /// <summary>Cases that have something in common, split in several ways; none where the run did not tell.</summary>
    public IReadOnlyList<TestGroup> Groups { get; init; } = [];

    /// <summary>What the lists hold, for each protocol and cut-off; none where the run did not tell.</summary>
    public IReadOnlyList<ListFigures> Lists { get; init; } = [];

    /// <summary>Ranks by protocol, as the files name it.</summary>
    public IReadOnlyList<int> Of(Protocol protocol) => protocol == Protocol.All ? All : ExcludeSeen;
}

/// <summary>Test cases that have something in common.</summary>
/// <param name="Split">What they are split by: see <see cref="Splits"/>.</param>
/// <param name="Name">What they have in common.</param>
/// <param name="Items">The items of the catalogue that are of the group; null where groups are not of items.</param>
/// <param name="Cases">Their places among the ranks.</param>
internal sealed record TestGroup(string Split, string Name, int? Items, IReadOnlyList<int> Cases);

/// <summary>What test cases are split by.</summary>
internal static class Splits
{
    /// <summary>Whether the user had taken the wanted item before.</summary>
    public const string Target = "target";

    /// <summary>How many items the user's history holds.</summary>
    public const string HistoryLength = "history_length";

    /// <summary>How often the wanted item was taken in the training data.</summary>
    public const string Popularity = "popularity";
}

/// <summary>What the lists of all test cases hold.</summary>
/// <param name="Protocol">Which items they are made of.</param>
/// <param name="Cutoff">Their length.</param>
/// <param name="Coverage">The share of the catalogue that stands in some list.</param>
/// <param name="Diversity">How unlike the items of a list are by the method's own embeddings; null where it has none.</param>
internal sealed record ListFigures(Protocol Protocol, int Cutoff, SureFigure Coverage, SureFigure? Diversity);

/// <summary>A figure, and its standard error over other users.</summary>
internal sealed record SureFigure(double Value, double StandardError);

/// <summary>Which items compete with the wanted one.</summary>
internal enum Protocol
{
    /// <summary>The whole catalogue but the user's history: the paper's.</summary>
    ExcludeSeen,

    /// <summary>The whole catalogue.</summary>
    All,
}

/// <summary>One finished epoch.</summary>
internal sealed record EpochFigures(
    int Epoch,
    double Loss,
    double RecallAt10,
    double NdcgAt10,
    double TrainingSeconds,
    double ValidationSeconds,
    int Steps,
    int StepsPerEpoch
);

/// <summary>What a search tried.</summary>
/// <param name="Trials">The trials, the best by validation Recall@10 first.</param>
/// <param name="Untried">The points that time left untried.</param>
internal sealed record SearchFigures(IReadOnlyList<TrialFigures> Trials, int Untried);

/// <summary>One trial of a search.</summary>
internal sealed record TrialFigures(
    IReadOnlyDictionary<string, string> Point,
    int BestEpoch,
    double RecallAt10,
    double NdcgAt10,
    double Seconds,
    string? Failure
);

/// <summary>The size of the data.</summary>
internal sealed record DataCounts(int Users, int Items, long Interactions, int WarmItems);
