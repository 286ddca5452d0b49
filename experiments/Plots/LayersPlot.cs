using Charts;
using Experiments.Reports;
using Experiments.Runs;
using Experiments.Statistics;
using Microsoft.ML.Trainers.Recommender;
using ScottPlot;

namespace Experiments.Plots;

/// <summary>The paper's Figure 3: test Recall@10 over the number of layers, with both protocols.</summary>
internal static class LayersPlot
{
    public const string FileName = "layers.png";

    public static Plot Draw(ExperimentReport report)
    {
        var plot = new Plot();
        (double Layers, MethodReport Method)[] points =
        [
            .. report
                .Methods.Where(method => method.Method == "Ssna")
                .Select(method =>
                    ((double)method.MethodOptions[nameof(ItemAdaptation.Ssna.LayerCount)]!.GetValue<int>(), method)
                )
                .OrderBy(point => point.Item1),
        ];
        AddLine(plot, points, Protocol.ExcludeSeen, "unseen items", ChartStyle.Colors[0], aside: -0.03);
        AddLine(plot, points, Protocol.All, "all items", ChartStyle.Colors[1], aside: 0.03);
        ChartStyle.Apply(plot, "Layers with an adapter (bar: 95 % of resampled users)", "Layers, a", "Test Recall@10");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. points.Select(point => point.Layers)],
            [.. points.Select(point => point.Layers.ToString("0"))]
        );
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(points[0].Layers - 0.4, points[^1].Layers + 0.4);
        Charting.Figures(plot.Axes.Left);
        Charting.Legend(plot);
        return plot;
    }

    private static void AddLine(
        Plot plot,
        (double Layers, MethodReport Method)[] points,
        Protocol protocol,
        string name,
        Color color,
        double aside
    )
    {
        FigureReport[] figures =
        [
            .. points.Select(point => point.Method.Figure(TestCases.All, protocol, Measure.All[0])),
        ];
        foreach (((double x, _), FigureReport figure) in points.Zip(figures))
        {
            var bar = plot.Add.Line(x + aside, figure.Interval.Low, x + aside, figure.Interval.High);
            bar.Color = color.WithOpacity(0.5);
            bar.LineWidth = 2;
        }
        var line = plot.Add.Scatter(
            points.Select(point => point.Layers + aside).ToArray(),
            figures.Select(figure => figure.Value.Mean).ToArray(),
            color
        );
        line.LineWidth = 2.5f;
        line.MarkerSize = 9;
        line.LegendText = name;
    }
}
