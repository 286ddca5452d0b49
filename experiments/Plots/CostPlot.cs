using Charts;
using Experiments.Reports;
using ScottPlot;

namespace Experiments.Plots;

/// <summary>Peak memory over seconds an epoch, both logarithmic: a point a method that is trained.</summary>
internal static class CostPlot
{
    public const string FileName = "cost.png";

    public static Plot Draw(ExperimentReport report)
    {
        var plot = new Plot();
        var points = new List<Coordinates>();
        foreach (MethodReport method in report.Methods.Where(method => method.SecondsPerEpoch is not null))
        {
            var point = new Coordinates(Math.Log10(method.SecondsPerEpoch!.Mean), Math.Log10(method.PeakMemoryMb.Mean));
            var marker = plot.Add.Marker(
                point,
                method.Limit?.Steps is null ? MarkerShape.FilledCircle : MarkerShape.OpenCircle,
                13,
                Charting.ColorOf(report, method)
            );
            marker.LineWidth = 2.5f;
            marker.LegendText = method.Name + (method.Limit?.Steps is null ? "" : " (from part of an epoch)");
            points.Add(point);
        }
        ChartStyle.Apply(plot, "What training takes", "Seconds an epoch", "Peak memory, MB");
        if (points.Count > 0)
        {
            Charting.LogAxis(plot.Axes.Bottom, points.Min(point => point.X), points.Max(point => point.X));
            Charting.LogAxis(plot.Axes.Left, points.Min(point => point.Y), points.Max(point => point.Y));
        }
        Charting.Legend(plot);
        return plot;
    }
}
