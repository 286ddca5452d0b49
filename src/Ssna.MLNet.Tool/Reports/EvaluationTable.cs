using System.Globalization;
using Spectre.Console;

namespace Ssna.MLNet.Tool.Reports;

/// <summary>Shows an <see cref="EvaluationReport"/> to people.</summary>
internal static class EvaluationTable
{
    public static void Show(Terminal terminal, EvaluationReport report)
    {
        string leftOut =
            report.UsersLeftOut > 0 ? $" ({report.UsersLeftOut:N0} left out: the model lacks their last item)" : "";
        Table table = new Table()
            .SimpleBorder()
            .AddColumn("")
            .AddColumn(new TableColumn("Recall@10").RightAligned())
            .AddColumn(new TableColumn("NDCG@10").RightAligned())
            .AddColumn(new TableColumn("Recall@50").RightAligned())
            .AddColumn(new TableColumn("NDCG@50").RightAligned());
        Add("this model, unseen items", report.Unseen.Model);
        Add("popularity, unseen items", report.Unseen.Popularity);
        Add("this model, all items", report.All.Model);
        Add("popularity, all items", report.All.Popularity);
        terminal.Show(Invariant($"What {report.Users:N0} users took last{leftOut}, among {report.Items:N0} items:"));
        terminal.Show(table);
        EvaluationReport.Difference above = report.Unseen.RecallAt10AbovePopularity;
        terminal.Show(
            Invariant(
                $"Recall@10 of unseen items less popularity's: {Signed(above.Value)}, 95 % interval {Signed(above.LowerBound)} to {Signed(above.UpperBound)}."
            )
        );

        void Add(string name, EvaluationReport.Figures figures) =>
            table.AddRow(
                name,
                Text(figures.RecallAt10),
                Text(figures.NdcgAt10),
                Text(figures.RecallAt50),
                Text(figures.NdcgAt50)
            );
    }

    private static string Text(EvaluationReport.Figure figure) =>
        Invariant($"{figure.Value:F4} ±{figure.StandardError:F4}");

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
