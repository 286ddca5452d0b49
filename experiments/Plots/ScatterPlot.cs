using Charts;
using Experiments.Reports;
using Experiments.Runs;
using Experiments.Statistics;
using ScottPlot;

namespace Experiments.Plots;

/// <summary>Quality over cost: test Recall@10 on unseen items, over seconds an epoch on a logarithmic axis.</summary>
internal static class ScatterPlot
{
    public const string FileName = "scatter.png";

    public static Plot Draw(ExperimentReport report)
    {
        var plot = new Plot();
        var logs = new List<double>();
        double lowest = double.PositiveInfinity;
        double highest = 0;
        foreach (MethodReport method in report.Methods.Where(method => method.SecondsPerEpoch is not null))
        {
            Color color = Charting.ColorOf(report, method);
            FigureReport figure = method.Figure(TestCases.All, Protocol.ExcludeSeen, Measure.All[0]);
            double x = Math.Log10(method.SecondsPerEpoch!.Mean);
            var bar = plot.Add.Line(x, figure.Interval.Low, x, figure.Interval.High);
            bar.Color = color.WithOpacity(0.5);
            bar.LineWidth = 2;
            var marker = plot.Add.Marker(
                x,
                figure.Value.Mean,
                method.Limit is null ? MarkerShape.FilledCircle : MarkerShape.OpenCircle,
                12,
                color
            );
            marker.LineWidth = 2.5f;
            marker.LegendText = method.Name + (method.Limit is null ? "" : $", {method.Limit}");
            logs.Add(x);
            lowest = Math.Min(lowest, figure.Interval.Low);
            highest = Math.Max(highest, figure.Interval.High);
        }
        foreach (MethodReport method in report.Methods.Where(method => method.SecondsPerEpoch is null))
        {
            // Nothing is trained: a level to be above, at no cost.
            double level = method.Figure(TestCases.All, Protocol.ExcludeSeen, Measure.All[0]).Value.Mean;
            var line = plot.Add.HorizontalLine(level, 1.5f, Charting.ColorOf(report, method), LinePattern.Dashed);
            line.LegendText = method.Name + " (untrained)";
            lowest = Math.Min(lowest, level);
            highest = Math.Max(highest, level);
        }
        ChartStyle.Apply(
            plot,
            "Quality over cost (bar: 95 % of resampled users)",
            "Seconds an epoch",
            "Test Recall@10, unseen items"
        );
        double room = Math.Max(highest - lowest, 1e-4) * 0.08;
        plot.Axes.SetLimitsY(lowest - room, highest + room);
        if (logs.Count > 0)
        {
            Charting.LogAxis(plot.Axes.Bottom, logs.Min(), logs.Max());
        }
        Charting.Figures(plot.Axes.Left);
        Charting.Legend(plot);
        return plot;
    }
}
