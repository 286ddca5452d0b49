using System.Globalization;
using Spectre.Console;

namespace Ssna.MLNet.Tool.Reports;

/// <summary>Shows ranked items to people.</summary>
internal static class ItemTable
{
    public static void Show(Terminal terminal, IReadOnlyList<RecommendedItem> items) =>
        Show(
            terminal,
            items,
            "score",
            item => new ScoredItemReport(item.Item, item.Score, item.Text),
            ("nearest in the history", item => string.Join(", ", item.Nearest))
        );

    public static void Show(Terminal terminal, IReadOnlyList<ScoredItemReport> items) =>
        Show(terminal, items, "cosine", item => item);

    private static void Show<T>(
        Terminal terminal,
        IReadOnlyList<T> items,
        string score,
        Func<T, ScoredItemReport> itemOf,
        params (string Name, Func<T, string> Value)[] further
    )
    {
        bool hasTexts = items.Any(item => itemOf(item).Text is not null);
        Table table = new Table()
            .SimpleBorder()
            .AddColumn(new TableColumn("").RightAligned())
            .AddColumn("item")
            .AddColumn(new TableColumn(score).RightAligned());
        foreach ((string name, _) in further)
        {
            table.AddColumn(name);
        }
        if (hasTexts)
        {
            table.AddColumn("text");
        }
        foreach ((int index, T row) in items.Index())
        {
            ScoredItemReport item = itemOf(row);
            string[] cells =
            [
                (index + 1).ToString(CultureInfo.InvariantCulture),
                item.Item,
                item.Score.ToString("F4", CultureInfo.InvariantCulture),
                .. further.Select(column => column.Value(row)),
                .. hasTexts ? [item.Text ?? ""] : Array.Empty<string>(),
            ];
            table.AddRow([.. cells.Select(cell => new Text(cell))]);
        }
        terminal.Show(table);
    }
}
