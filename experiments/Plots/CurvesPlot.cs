using Charts;
using Experiments.Reports;
using ScottPlot;
using ScottPlot.Plottables;

namespace Experiments.Plots;

/// <summary>Validation Recall@10 after each epoch: a line a method and seed, a dot where the kept epoch is.</summary>
internal static class CurvesPlot
{
    public const string FileName = "curves.png";

    public static Plot Draw(ExperimentReport report)
    {
        var plot = new Plot();
        double least = double.PositiveInfinity;
        double most = 0;
        int longest = 1;
        foreach (MethodReport method in report.Methods.Where(method => method.SecondsPerEpoch is not null))
        {
            Color color = Charting.ColorOf(report, method);
            foreach ((int seed, IReadOnlyList<double> recalls) in method.ValidationRecallAt10.Index())
            {
                double[] epochs = [.. Enumerable.Range(1, recalls.Count)];
                Scatter line = plot.Add.Scatter(epochs, recalls.ToArray(), color);
                line.LineWidth = seed == 0 ? 2.5f : 1.2f;
                line.MarkerSize = 0;
                line.LegendText = seed == 0 ? method.Name : "";
                int best = method.BestEpochs[seed];
                plot.Add.Marker(best, recalls[best - 1], MarkerShape.FilledCircle, 8, color);
                least = Math.Min(least, recalls.Min());
                most = Math.Max(most, recalls.Max());
                longest = Math.Max(longest, recalls.Count);
            }
        }
        ChartStyle.Apply(plot, "Validation by epoch (dot: the epoch kept)", "Epoch", "Validation Recall@10, all items");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        Charting.Figures(plot.Axes.Left);
        double room = Math.Max(most - least, 1e-4) * 0.05;
        plot.Axes.SetLimits(0, longest + 0.5, Math.Min(least, most) - room, most + room);
        Charting.Legend(plot);
        return plot;
    }
}
