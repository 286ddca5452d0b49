using Charts;
using Experiments.Reports;
using ScottPlot;

namespace Experiments.Plots;

/// <summary>Draws the plots of reports by the names of their files.</summary>
internal static class Charting
{
    private static readonly Dictionary<string, Func<ExperimentReport, Plot>> s_plots = new()
    {
        [CurvesPlot.FileName] = CurvesPlot.Draw,
        [ScatterPlot.FileName] = ScatterPlot.Draw,
        [LayersPlot.FileName] = LayersPlot.Draw,
        [ColdPlot.FileName] = ColdPlot.Draw,
        [CostPlot.FileName] = CostPlot.Draw,
    };

    /// <summary>Writes a PNG, beside the file first.</summary>
    public static void Draw(string name, ExperimentReport report, string path)
    {
        Plot plot = s_plots[name](report);
        string partial = path + ".partial";
        plot.Save(partial, 1100, 600, ImageFormat.Png);
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>The colour of a method: the same in all plots of a report.</summary>
    public static Color ColorOf(ExperimentReport report, MethodReport method)
    {
        int place = report.Methods.TakeWhile(other => other.Name != method.Name).Count();
        return ChartStyle.Colors[Math.Min(place, ChartStyle.Colors.Count - 1)];
    }

    /// <summary>Ticks of an axis of measures: not many, and all with the same decimals.</summary>
    public static void Figures(IAxis axis) =>
        axis.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
        {
            TickDensity = 0.5,
            LabelFormatter = value => value.ToString("F3"),
        };

    /// <summary>
    /// An axis of logarithms (base 10) with room around them, and ticks at 1, 2 and 5 times the powers of ten.
    /// </summary>
    public static void LogAxis(IAxis axis, double from, double to)
    {
        (from, to) = (from - 0.15, to + 0.15);
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        for (int power = (int)Math.Floor(from); power <= to; power++)
        {
            foreach (int digit in new[] { 1, 2, 5 })
            {
                double value = digit * Math.Pow(10, power);
                ticks.AddMajor(Math.Log10(value), value.ToString("#,0.#####"));
            }
        }
        axis.TickGenerator = ticks;
        axis.Range.Set(from, to);
    }

    /// <summary>A legend beside the plot, in the carried font.</summary>
    public static void Legend(Plot plot)
    {
        plot.Legend.FontName = ChartStyle.FontName;
        plot.Legend.FontSize = 14;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.ShowLegend(Edge.Right);
    }
}
