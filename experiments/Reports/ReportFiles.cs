using Experiments.Plots;

namespace Experiments.Reports;

/// <summary>The files of a report, and the page over all reports beside it.</summary>
internal static class ReportFiles
{
    public const string Json = "report.json";
    public const string Markdown = "report.md";

    /// <summary>Writes everything of one experiment, then the page over all that lie in the output folder.</summary>
    public static void Write(ResultLayout layout, ExperimentReport report)
    {
        Directory.CreateDirectory(layout.Folder);
        Document document = ReportDocument.Compose(report);
        foreach (Picture picture in document.Blocks.OfType<Picture>())
        {
            Charting.Draw(picture.File, report, Path.Combine(layout.Folder, picture.File));
        }
        JsonFiles.WriteText(Path.Combine(layout.Folder, Markdown), MarkdownWriter.Write(document));
        JsonFiles.Write(Path.Combine(layout.Folder, Json), report);

        string[] files =
        [
            .. Directory
                .EnumerateFiles(Path.GetFullPath(layout.Output), Json, SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal),
        ];
        JsonFiles.WriteText(
            layout.Page,
            HtmlWriter.Write(
                "Experiments with Ssna.MLNet",
                [
                    .. files.Select(file =>
                        (ReportDocument.Compose(JsonFiles.Read<ExperimentReport>(file)), Path.GetDirectoryName(file)!)
                    ),
                ]
            )
        );
    }
}
