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
                            return new Cell(Value(figure.Value), Strong: figure.ShareOfBest >= 1);
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

    /// <summary>Repeated and new targets apart, over all items.</summary>
    public static Table Targets(ExperimentReport report)
    {
        Measure[] measures = [.. Measure.All.Where(measure => measure.Cutoff == 10)];
        return new(
            [
                "Method",
                .. measures.Select(measure => $"{measure.Title}, new"),
                .. measures.Select(measure => $"{measure.Title}, repeated"),
            ],
            [
                .. report
                    .Methods.Where(method => method.Targets is not null)
                    .Select(
                        IReadOnlyList<Cell> (method) =>
                            [
                                method.Name,
                                .. measures.Select(measure => new Cell(Value(method.Targets!.New[measure.Name]))),
                                .. measures.Select(measure => new Cell(Value(method.Targets!.Repeated[measure.Name]))),
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

    private static string Percent(double share) => $"{share * 100:F1} %";

    private static string Signed(double value) => value.ToString("+0.0000;−0.0000;0.0000");
}
