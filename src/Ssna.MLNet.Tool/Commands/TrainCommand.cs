using System.CommandLine;
using Microsoft.ML;
using Ssna.MLNet.Tool.Reports;
using Ssna.MLNet.Tool.Tables;
using Tools;

namespace Ssna.MLNet.Tool.Commands;

/// <summary><c>ssna train</c>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var items = new ItemsOptions("one row an item, with an id and a text.");
        var interactions = new InteractionsOptions("one row for each time that a user took an item.");
        Option<string?> data = CommonOptions.Data("the two files");
        var encoder = new Option<string?>("--encoder")
        {
            Description =
                "What reads the texts: a folder as on the Hugging Face hub, or an id there (owner/name, owner/name@revision), which is "
                + $"fetched once. Default: {TrainSettings.DefaultEncoder}, or with --start-from that model's own.",
            HelpName = "MODEL",
        };
        Option<string> output = CommonOptions.Output("Where the model is saved (.zip).");
        var startFrom = new Option<string?>("--start-from")
        {
            Description = "A model to go on from, such as yesterday's.",
            HelpName = "FILE",
        };
        var noTest = new Option<bool>("--no-test")
        {
            Description = "Train on each user's last item too, instead of asking for it as a test.",
        };
        var training = new TrainingCommandOptions();
        Option<bool> json = CommonOptions.Json();

        var command = new CommandWithExamples(
            "train",
            "Trains a model, saves it, and says how often it finds what each user took last.",
            """
            ssna train --items items.csv --interactions clicks.csv --output shop.zip
            ssna train --items items.jsonl --text-columns title,brand --interactions orders.parquet --user-column buyer --output shop.zip
            ssna train --data ml-latest-small --cache layers --checkpoint checkpoints --output films.zip
            ssna train --items items.csv --interactions clicks.csv --start-from shop.zip --output shop2.zip
            """
        );
        items.AddTo(command);
        interactions.AddTo(command);
        command.Add(data);
        command.Add(encoder);
        command.Add(output);
        command.Add(startFrom);
        command.Add(noTest);
        training.AddTo(command);
        command.Add(json);
        command.Validators.Add(result =>
        {
            bool files = result.GetValue(items.File) is not null && result.GetValue(interactions.File) is not null;
            bool anyFile = result.GetValue(items.File) is not null || result.GetValue(interactions.File) is not null;
            bool folder = result.GetValue(data) is not null;
            if (folder ? anyFile : !files)
            {
                result.AddError("Expected --items and --interactions, or --data.");
            }
        });
        command.SetAction(
            (arguments, cancellation) =>
            {
                var terminal = new Terminal(arguments.InvocationConfiguration, arguments.GetValue(json));
                var settings = new TrainSettings
                {
                    Encoder = arguments.GetValue(encoder),
                    Output = arguments.GetRequiredValue(output),
                    StartFrom = arguments.GetValue(startFrom),
                    NoTest = arguments.GetValue(noTest),
                    Training = training.Read(arguments),
                };
                return terminal.Guard(
                    () =>
                    {
                        var mlContext = new MLContext(settings.Training.Seed);
                        terminal.Listen(mlContext);
                        ShopData shop = arguments.GetValue(data) is { } folder
                            ? ShopData.OfFolder(mlContext, folder)
                            : Shop(mlContext, items.Read(arguments)!, interactions.Read(mlContext, arguments)!);
                        TrainReport report = new TrainRun(mlContext, settings, terminal, cancellation).Execute(shop);
                        terminal.Show(report, report.Show);
                    },
                    cancellation
                );
            }
        );
        return command;
    }

    private static ShopData Shop(MLContext mlContext, ItemsTable items, InteractionsTable interactions) =>
        new(items.ToDataView(mlContext), interactions, items.From);
}
