using System.CommandLine;
using Microsoft.ML;
using Ssna.MLNet.Tool.Reports;
using Ssna.MLNet.Tool.Tables;

namespace Ssna.MLNet.Tool.Commands;

/// <summary><c>ssna evaluate</c>.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        var interactions = new InteractionsOptions("each user's last item is asked for, given those before.");
        Option<string?> data = CommonOptions.Data("the file");
        Option<bool> json = CommonOptions.Json();
        var command = new CommandWithExamples(
            "evaluate",
            "Says how often a model finds what each user took last, beside recommending what is popular.",
            """
            ssna evaluate shop.zip --interactions clicks.csv
            ssna evaluate shop.zip --interactions clicks.csv --json
            """
        )
        {
            model,
        };
        interactions.AddTo(command);
        command.Add(data);
        command.Add(json);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(interactions.File) is null) == (result.GetValue(data) is null))
            {
                result.AddError("Expected --interactions or --data.");
            }
        });
        ModelWork.Run(
            command,
            model,
            json,
            work =>
            {
                (_, MLContext mlContext, _, ParseResult arguments, CancellationToken cancellation) = work;
                InteractionsTable table = arguments.GetValue(data) is { } folder
                    ? ShopData.OfFolder(mlContext, folder).Interactions
                    : interactions.Read(mlContext, arguments)!;
                work.Terminal.Say($"Reading {table.From}.");
                IDataView test = mlContext.Data.LeaveOneOutSplit(table.Group(mlContext, cancellation)).TestSet;
                EvaluationReport report = EvaluationReport.Run(mlContext, work.Model, test, cancellation);
                work.Terminal.Show(report, to => EvaluationTable.Show(to, report));
            }
        );
        return command;
    }
}
