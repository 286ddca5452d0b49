using Charts;
using Experiments.Reports;
using Experiments.Runs;
using Experiments.Statistics;
using ScottPlot;

namespace Experiments.Plots;

/// <summary>Recall@10 and Recall@50 of items never trained on, among the whole catalogue: a pair of bars a method.</summary>
internal static class ColdPlot
{
    public const string FileName = "cold.png";

    public static Plot Draw(ExperimentReport report)
    {
        var plot = new Plot();
        Measure[] measures = [.. Measure.All.Where(measure => !measure.Discounted)];
        double highest = 0;
        for (int m = 0; m < measures.Length; m++)
        {
            Bar[] bars = new Bar[report.Methods.Count];
            for (int i = 0; i < bars.Length; i++)
            {
                FigureReport figure = report.Methods[i].Figure(TestCases.Cold, Protocol.ExcludeSeen, measures[m]);
                bars[i] = new Bar
                {
                    Position = i + ((m - ((measures.Length - 1) / 2.0)) * 0.36),
                    Value = figure.Value.Mean,
                    Size = 0.34,
                    FillColor = ChartStyle.Colors[m],
                    LineWidth = 0,
                    Label = figure.Value.Mean > 0 ? $"{figure.Value.Mean:F3}" : "0",
                };
                highest = Math.Max(highest, figure.Value.Mean);
            }
            var series = plot.Add.Bars(bars);
            series.LegendText = measures[m].Title;
            series.ValueLabelStyle.FontName = ChartStyle.FontName;
            series.ValueLabelStyle.FontSize = 13;
        }
        int items = report.Methods[0].Figure(TestCases.Cold, Protocol.ExcludeSeen, measures[0]).CatalogueSize;
        double chance = measures[^1].OfChance(items);
        var line = plot.Add.HorizontalLine(chance, 1.5f, Colors.Gray, LinePattern.Dashed);
        line.LegendText = $"chance, {measures[^1].Title}";
        ChartStyle.Apply(
            plot,
            "Items never trained on, found among the whole catalogue",
            "",
            "Test recall, unseen items"
        );
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. Enumerable.Range(0, report.Methods.Count).Select(i => (double)i)],
            [.. report.Methods.Select(method => method.Name)]
        );
        plot.Axes.SetLimits(-0.6, report.Methods.Count - 0.4, 0, Math.Max(highest, chance) * 1.15);
        Charting.Figures(plot.Axes.Left);
        Charting.Legend(plot);
        return plot;
    }
}
