using System.CommandLine;
using System.Globalization;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Tool.Reports;
using Ssna.MLNet.Tool.Tables;

namespace Ssna.MLNet.Tool.Commands;

/// <summary><c>ssna add-items</c>.</summary>
internal static class AddItemsCommand
{
    /// <summary>Given items whose nearest are shown, and how many of those.</summary>
    private const int Shown = 3;

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        var items = new ItemsOptions("one row an item, with the columns that 'ssna train' read.");
        items.File.Required = true;
        Option<string> output = CommonOptions.Output(
            "Where the model with the items is saved (.zip); it may be the same file."
        );
        Option<bool> json = CommonOptions.Json();
        var command = new CommandWithExamples(
            "add-items",
            "Adds items to a model by their texts, without training; items that it has get their new texts.",
            """
            ssna add-items shop.zip --items new.csv --output shop2.zip
            """
        )
        {
            model,
        };
        items.AddTo(command);
        command.Add(output);
        command.Add(json);
        ModelWork.Run(
            command,
            model,
            json,
            work =>
            {
                string path = work.Arguments.GetRequiredValue(output);
                ItemsTable table = items.Read(work.Arguments)!;
                work.Terminal.Say($"Reading {table.From}.");
                using SsnaTransformer larger = work.Model.WithItems(
                    table.ToDataView(work.MLContext),
                    work.Cancellation
                );
                larger.Save(path);
                var texts = new ItemTexts(table);
                var report = new AddItemsReport(
                    path,
                    larger.ItemCount - work.Model.ItemCount,
                    table.Rows.Count(row => work.Model.Contains(row.Item)),
                    larger.ItemCount,
                    [.. table.Rows.Take(Shown).Select(row => SimilarCommand.Nearest(larger, row.Item, Shown, texts))]
                );
                work.Terminal.Show(report, to => Show(to, report));
            },
            prepare: arguments => OutputFile.Prepare(arguments.GetRequiredValue(output))
        );
        return command;
    }

    private static void Show(Terminal terminal, AddItemsReport report)
    {
        terminal.Show(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Items added: {report.Added:N0}, replaced: {report.Replaced:N0}; {report.Model} has {report.Items:N0}."
            )
        );
        foreach (SimilarReport near in report.Nearest)
        {
            terminal.Show($"Nearest to {near.Item}: {string.Join(", ", near.Items.Select(item => item.Item))}");
        }
    }
}
