using System.Text;

namespace Experiments.Reports;

/// <summary>Writes a document as Markdown.</summary>
internal static class MarkdownWriter
{
    public static string Write(Document document)
    {
        var text = new StringBuilder();
        text.Append("# ").AppendLine(document.Title);
        foreach (Block block in document.Blocks)
        {
            text.AppendLine();
            switch (block)
            {
                case Heading heading:
                    text.Append("## ").AppendLine(heading.Text);
                    break;
                case Paragraph paragraph:
                    text.AppendLine(paragraph.Text);
                    break;
                case Picture picture:
                    text.AppendLine($"![{picture.Text}]({picture.File})");
                    break;
                case Table table:
                    Row(text, table.Header);
                    Row(text, table.Header.Select((_, column) => column == 0 ? "---" : "---:"));
                    foreach (IReadOnlyList<Cell> row in table.Rows)
                    {
                        Row(text, row.Select(Text));
                    }
                    break;
            }
        }
        return text.ToString();
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");

    private static string Text(Cell cell)
    {
        string text = cell.Strong ? $"**{Escape(cell.Text)}**" : Escape(cell.Text);
        return cell.Detail is null ? text : $"{text} {Escape(cell.Detail)}";
    }

    private static string Escape(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal);
}
