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

    // The coarsest that will do. The last one's steps are a fifth at most, so that any two numbers with a factor 2 between
    // them have three of it.
    private static readonly double[][] s_logDigits =
    [
        [1, 2, 5],
        [1, 1.5, 2, 3, 5, 7],
        [1, 1.2, 1.4, 1.6, 1.8, 2, 2.4, 2.8, 3.2, 3.6, 4, 4.5, 5, 6, 7, 8, 9],
    ];

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
    /// An axis of logarithms (base 10) with room around them, and ticks at round values: so many to a power of ten that at least
    /// three of them are to be seen, however near the ends are to each other.
    /// </summary>
    public static void LogAxis(IAxis axis, double from, double to)
    {
        (from, to) = (from - 0.15, to + 0.15);
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        foreach (double value in LogTicks(from, to))
        {
            ticks.AddMajor(Math.Log10(value), value.ToString("#,0.#####"));
        }
        axis.TickGenerator = ticks;
        axis.Range.Set(from, to);
    }

    /// <summary>Round values between two logarithms (base 10), ascending: at least three where the ends are twice apart.</summary>
    public static double[] LogTicks(double low, double high)
    {
        int lowest = (int)Math.Floor(low);
        int powers = (int)Math.Floor(high) - lowest + 1;
        double[] ticks = [];
        foreach (double[] digits in s_logDigits)
        {
            ticks =
            [
                .. Enumerable
                    .Range(lowest, powers)
                    .SelectMany(power => digits.Select(digit => digit * Math.Pow(10, power)))
                    .Where(value => Math.Log10(value) >= low && Math.Log10(value) <= high),
            ];
            if (ticks.Length >= 3)
            {
                break;
            }
        }
        return ticks;
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
