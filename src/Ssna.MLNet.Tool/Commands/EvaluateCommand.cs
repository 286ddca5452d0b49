using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
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
        command.SetAction(
            (arguments, cancellation) =>
            {
                var terminal = new Terminal(arguments.InvocationConfiguration, arguments.GetValue(json));
                return terminal.Guard(
                    () =>
                    {
                        var mlContext = new MLContext(seed: 1);
                        terminal.Listen(mlContext);
                        using var loaded = SsnaTransformer.Load(mlContext, arguments.GetRequiredValue(model));
                        InteractionsTable table = arguments.GetValue(data) is { } folder
                            ? ShopData.OfFolder(mlContext, folder).Interactions
                            : interactions.Read(mlContext, arguments)!;
                        terminal.Say($"Reading {table.From}.");
                        IDataView test = mlContext.Data.LeaveOneOutSplit(table.Group(mlContext, cancellation)).TestSet;
                        EvaluationReport report = EvaluationReport.Run(mlContext, loaded, test, cancellation);
                        terminal.Show(report, to => EvaluationTable.Show(to, report));
                    },
                    cancellation
                );
            }
        );
        return command;
    }
}
