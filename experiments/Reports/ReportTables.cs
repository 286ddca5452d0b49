using Experiments.Runs;
using Experiments.Statistics;

namespace Experiments.Reports;

/// <summary>The tables that reports share.</summary>
internal static class ReportTables
{
    /// <summary>Every measure of every method: mean and, of several seeds, standard deviation; the best is strong.</summary>
    public static Table Quality(ExperimentReport report, string cases, Protocol protocol, bool withChance = false)
    {
        List<IReadOnlyList<Cell>> rows =
        [
            .. report.Methods.Select(
                IReadOnlyList<Cell> (method) =>
                    [
                        method.Name,
                        .. Measure.All.Select(measure =>
                        {
                            FigureReport figure = method.Figure(cases, protocol, measure);
                            return new Cell(Value(figure.Value), figure.ShareOfBest >= 1, Sure(figure.StandardError));
                        }),
                        Percent(method.Figure(cases, protocol, Measure.All[0]).ShareOfBest),
                    ]
            ),
        ];
        if (withChance)
        {
            int items = report.Methods.Max(method => method.Figure(cases, protocol, Measure.All[0]).CatalogueSize);
            rows.Add(["chance", .. Measure.All.Select(measure => new Cell($"{measure.OfChance(items):F4}")), ""]);
        }
        return new(["Method", .. Measure.All.Select(measure => measure.Title), "of the best Recall@10"], rows);
    }

    /// <summary>Each method less the reference, with the interval; differences whose interval leaves out 0 are strong.</summary>
    public static Table Differences(ExperimentReport report, string cases, Protocol protocol) =>
        new(
            [$"less {report.Reference}", .. Measure.All.Select(measure => measure.Title)],
            [
                .. report
                    .Methods.Where(method => method.Name != report.Reference)
                    .Select(
                        IReadOnlyList<Cell> (method) =>
                            [
                                method.Name,
                                .. Measure.All.Select(measure =>
                                {
                                    Difference difference = method.Figure(cases, protocol, measure).Difference!;
                                    return new Cell(
                                        Signed(difference.Value),
                                        difference.IsClear,
                                        $"[{Signed(difference.Interval.Low)}, {Signed(difference.Interval.High)}]"
                                    );
                                }),
                            ]
                    ),
            ]
        );

    /// <summary>Recall@10 of groups of test cases over all items, a column a group that has cases.</summary>
    public static Table Groups(ExperimentReport report, string split)
    {
        Measure recall = Measure.All.First(measure => !measure.Discounted);
        Measure ndcg = Measure.All.First(measure => measure.Discounted && measure.Cutoff == recall.Cutoff);
        GroupReport[] groups = GroupsOf(report, split);
        return new(
            ["Method", .. groups.Select(Title)],
            [
                .. report
                    .Methods.Where(method => method.Groups.Any(group => group.Split == split))
                    .Select(
                        IReadOnlyList<Cell> (method) =>
                            [
                                method.Name,
                                .. groups.Select(group =>
                                {
                                    GroupReport own = method.Groups.First(other =>
                                        other.Split == split && other.Name == group.Name
                                    );
                                    GroupFigure figure = own.Figure(Protocol.All, recall);
                                    return new Cell(
                                        Value(figure.Value),
                                        Detail: string.Join(
                                            ", ",
                                            new[]
                                            {
                                                Sure(figure.StandardError),
                                                $"{ndcg.Title} {own.Figure(Protocol.All, ndcg).Value.Mean:F4}",
                                            }.OfType<string>()
                                        )
                                    );
                                }),
                            ]
                    ),
            ]
        );
    }

    /// <summary>The groups of a split that have test cases.</summary>
    public static GroupReport[] GroupsOf(ExperimentReport report, string split) =>
        [
            .. report
                .Methods.Select(method => method.Groups.Where(group => group.Split == split))
                .FirstOrDefault(groups => groups.Any(), [])
                .Where(group => group.CaseCount > 0),
        ];

    /// <summary>What the lists hold, at every length and by either protocol, of the methods that tell.</summary>
    /// <param name="report">The report.</param>
    /// <param name="name">What is told.</param>
    /// <param name="figure">Finds it.</param>
    public static Table Lists(ExperimentReport report, string name, Func<ListReport, ListFigure?> figure)
    {
        MethodReport[] methods =
        [
            .. report.Methods.Where(method => method.Lists.Any(list => figure(list) is not null)),
        ];
        IReadOnlyList<ListReport> lists = methods.Length > 0 ? methods[0].Lists : [];
        return new(
            ["Method", .. lists.Select(list => $"{name}@{list.Cutoff}, {Name(list.Protocol)}")],
            [
                .. methods.Select(
                    IReadOnlyList<Cell> (method) =>
                        [
                            method.Name,
                            .. method.Lists.Select(list =>
                            {
                                ListFigure own = figure(list)!;
                                return new Cell(Value(own.Value), Detail: Sure(own.StandardError));
                            }),
                        ]
                ),
            ]
        );
    }

    /// <summary>What training takes, and how many times what the reference takes.</summary>
    public static Table Costs(ExperimentReport report)
    {
        MethodReport reference = report.Methods.First(method => method.Name == report.Reference);
        return new(
            [
                "Method",
                "trainable parameters",
                "seconds an epoch",
                "peak memory, MB",
                "trained for",
                "epoch kept",
                "seconds in all",
            ],
            [
                .. report.Methods.Select(
                    IReadOnlyList<Cell> (method) =>
                        [
                            method.Name,
                            $"{method.TrainableParameters:N0}",
                            Cost(method.SecondsPerEpoch, reference.SecondsPerEpoch, "F2"),
                            Cost(method.PeakMemoryMb, reference.PeakMemoryMb, "F0"),
                            TrainedFor(method),
                            method.SecondsPerEpoch is null ? "" : string.Join(", ", method.BestEpochs),
                            Value(method.SecondsTotal, "F1"),
                        ]
                ),
            ]
        );
    }

    /// <summary>The trials of a search, best first.</summary>
    public static Table Trials(SearchFigures search) =>
        new(
            [.. search.Trials[0].Point.Keys, "validation Recall@10", "validation NDCG@10", "epoch kept", "seconds"],
            [
                .. search.Trials.Select(
                    IReadOnlyList<Cell> (trial) =>
                        [
                            .. trial.Point.Values.Select(value => new Cell(value)),
                            .. trial.Failure is null
                                ? new Cell[]
                                {
                                    new($"{trial.RecallAt10:F4}", trial == search.Trials[0]),
                                    $"{trial.NdcgAt10:F4}",
                                    $"{trial.BestEpoch}",
                                }
                                : ["failed", "", ""],
                            $"{trial.Seconds:F1}",
                        ]
                ),
            ]
        );

    private static Cell Cost(Spread? own, Spread? reference, string format) =>
        own is null ? ""
        : reference is null || own == reference ? Value(own, format)
        : new Cell(Value(own, format), Detail: $"{own.Mean / reference.Mean:0.##} times");

    private static string TrainedFor(MethodReport method) =>
        method.SecondsPerEpoch is null ? ""
        : method.Limit is { } limit ? limit.ToString()
        : string.Join(", ", method.ValidationRecallAt10.Select(epochs => epochs.Count)) + " epochs";

    /// <summary>A mean, and a standard deviation where there is one.</summary>
    public static string Value(Spread spread, string format = "F4") =>
        spread.Deviation is { } deviation
            ? $"{spread.Mean.ToString(format)} ± {deviation.ToString(format)}"
            : spread.Mean.ToString(format);

    /// <summary>How far off a figure may be because other users might have been asked; null of one case.</summary>
    private static string? Sure(double? standardError) =>
        standardError is { } error && double.IsFinite(error) ? $"s.e. {error:F4}" : null;

    private static string Title(GroupReport group) =>
        group.Name
        + (group.Items is { } items ? $", {items:N0} items" : "")
        + $", {group.CaseCount:N0} {(group.CaseCount == 1 ? "case" : "cases")}";

    private static string Name(Protocol protocol) => protocol == Protocol.All ? "all" : "unseen";

    private static string Percent(double share) => $"{share * 100:F1} %";

    private static string Signed(double value) => value.ToString("+0.0000;−0.0000;0.0000");
}
