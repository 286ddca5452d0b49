using Charts;
using Microsoft.ML.Trainers.Recommender;
using ScottPlot;

namespace QuickStart.Presentation;

/// <summary>Draws the loss and the validation recall of every epoch.</summary>
internal static class TrainingCurve
{
    /// <summary>Writes a PNG to <paramref name="path"/>.</summary>
    public static void Save(string path, IReadOnlyList<SsnaTrainingProgress> epochs)
    {
        var numbers = epochs.Select(epoch => (double)epoch.Epoch).ToArray();
        var best = epochs.First(epoch => epoch.Epoch == epochs[^1].BestEpoch);

        var figure = new Multiplot();
        figure.AddPlots(2);
        figure.Layout = new ScottPlot.MultiplotLayouts.Columns();

        var loss = figure.GetPlot(0);
        AddLine(loss, numbers, [.. epochs.Select(epoch => epoch.Loss)], Color.FromHex("#B3541E"));
        ChartStyle.Apply(loss, "Training loss", "Epoch", "cross entropy of a target");

        var recall = figure.GetPlot(1);
        AddLine(recall, numbers, [.. epochs.Select(epoch => epoch.ValidationRecallAt10)], Color.FromHex("#1F5A8A"));
        recall.Add.VerticalLine(best.Epoch, 1.5f, Colors.Gray, LinePattern.Dashed);
        var note = recall.Add.Text($" kept: epoch {best.Epoch}, {best.ValidationRecallAt10:F3} ", best.Epoch, 0);
        note.LabelFontName = ChartStyle.FontName;
        note.LabelFontSize = 14;
        note.LabelAlignment = best.Epoch * 2 > epochs[^1].Epoch ? Alignment.LowerRight : Alignment.LowerLeft;
        note.OffsetY = -6;
        ChartStyle.Apply(recall, "Validation recall", "Epoch", "Recall@10, whole catalogue");

        figure.SavePng(path, 1200, 450);
    }

    private static void AddLine(Plot plot, double[] epochs, double[] values, Color color)
    {
        var line = plot.Add.Scatter(epochs, values, color);
        line.LineWidth = 2.5f;
        line.MarkerSize = 6;
        plot.Axes.SetLimitsY(0, values.Max() * 1.08);
        plot.Axes.SetLimitsX(0, epochs[^1] + 0.5);
    }
}
