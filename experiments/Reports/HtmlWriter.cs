using System.Net;
using System.Text;

namespace Experiments.Reports;

/// <summary>Writes documents as one page that needs no other file: plots are inside it.</summary>
internal static class HtmlWriter
{
    private const string Style = """
        :root { color-scheme: light dark; --line: #8884; --strong: #0072b2; }
        @media (prefers-color-scheme: dark) { :root { --strong: #56b4e9; } }
        body { font: 16px/1.55 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; }
        h2 { font-size: 1.35rem; margin-top: 3rem; padding-top: 1rem; border-top: 2px solid var(--line); }
        h3 { font-size: 1.05rem; margin-top: 2rem; }
        p { max-width: 46rem; }
        nav ul { padding-left: 1.2rem; }
        .table { overflow-x: auto; margin: 1rem 0; }
        table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
        th, td { padding: 0.35rem 0.75rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
        th { vertical-align: bottom; font-weight: 600; white-space: normal; }
        td small { white-space: normal; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; position: sticky; left: 0; background: Canvas; }
        td strong { color: var(--strong); }
        img { display: block; width: 100%; max-width: 56rem; height: auto; margin: 1rem 0; background: #fff; border-radius: 4px; }
        """;

    /// <summary>Writes a page.</summary>
    /// <param name="title">The page's title.</param>
    /// <param name="documents">The documents, each with the folder of its pictures.</param>
    public static string Write(string title, IReadOnlyList<(Document Document, string Folder)> documents)
    {
        var page = new StringBuilder();
        page.AppendLine("<!DOCTYPE html>")
            .AppendLine("<html lang=\"en\">")
            .AppendLine("<head>")
            .AppendLine("<meta charset=\"utf-8\">")
            .AppendLine("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .AppendLine($"<title>{Text(title)}</title>")
            .AppendLine($"<style>\n{Style}\n</style>")
            .AppendLine("</head>")
            .AppendLine("<body>")
            .AppendLine($"<h1>{Text(title)}</h1>")
            .AppendLine("<nav><ul>");
        for (int i = 0; i < documents.Count; i++)
        {
            page.AppendLine($"<li><a href=\"#part-{i + 1}\">{Text(documents[i].Document.Title)}</a></li>");
        }
        page.AppendLine("</ul></nav>");
        for (int i = 0; i < documents.Count; i++)
        {
            (Document document, string folder) = documents[i];
            page.AppendLine($"<h2 id=\"part-{i + 1}\">{Text(document.Title)}</h2>");
            foreach (Block block in document.Blocks)
            {
                Append(page, block, folder);
            }
        }
        return page.AppendLine("</body>").AppendLine("</html>").ToString();
    }

    private static void Append(StringBuilder page, Block block, string folder)
    {
        switch (block)
        {
            case Heading heading:
                page.AppendLine($"<h3>{Text(heading.Text)}</h3>");
                break;
            case Paragraph paragraph:
                page.AppendLine($"<p>{Text(paragraph.Text)}</p>");
                break;
            case Picture picture:
                string data = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, picture.File)));
                page.AppendLine($"<img alt=\"{Text(picture.Text)}\" src=\"data:image/png;base64,{data}\">");
                break;
            case Table table:
                page.AppendLine("<div class=\"table\"><table>").Append("<thead><tr>");
                foreach (string column in table.Header)
                {
                    page.Append($"<th>{Text(column)}</th>");
                }
                page.AppendLine("</tr></thead>").AppendLine("<tbody>");
                foreach (IReadOnlyList<Cell> row in table.Rows)
                {
                    page.Append("<tr>");
                    foreach (Cell cell in row)
                    {
                        string text = cell.Strong ? $"<strong>{Text(cell.Text)}</strong>" : Text(cell.Text);
                        string detail = cell.Detail is null ? "" : $"<br><small>{Text(cell.Detail)}</small>";
                        page.Append($"<td>{text}{detail}</td>");
                    }
                    page.AppendLine("</tr>");
                }
                page.AppendLine("</tbody></table></div>");
                break;
        }
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
