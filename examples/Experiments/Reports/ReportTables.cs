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

    /// <summary>What training takes.</summary>
    public static Table Costs(ExperimentReport report) =>
        new(
            ["Method", "trainable parameters", "seconds an epoch", "best epoch", "seconds in all", "peak memory, MB"],
            [
                .. report.Methods.Select(
                    IReadOnlyList<Cell> (method) =>
                        [
                            method.Name,
                            $"{method.TrainableParameters:N0}",
                            method.SecondsPerEpoch is { } seconds ? Value(seconds, "F2") : "",
                            method.SecondsPerEpoch is null ? "" : string.Join(", ", method.BestEpochs),
                            Value(method.SecondsTotal, "F1"),
                            Value(method.PeakMemoryMb, "F0"),
                        ]
                ),
            ]
        );

    /// <summary>A mean, and a standard deviation where there is one.</summary>
    public static string Value(Spread spread, string format = "F4") =>
        spread.Deviation is { } deviation
            ? $"{spread.Mean.ToString(format)} ± {deviation.ToString(format)}"
            : spread.Mean.ToString(format);

    private static string Percent(double share) => $"{share * 100:F1} %";

    private static string Signed(double value) => value.ToString("+0.0000;−0.0000;0.0000");
}
