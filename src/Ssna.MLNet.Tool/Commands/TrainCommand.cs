using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Transforms;
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
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description = "Folder of checkpoints: a training that was broken off goes on from there.",
            HelpName = "FOLDER",
        };
        var cache = new Option<string?>("--cache")
        {
            Description = "Folder that keeps what the encoder made of texts between trainings.",
            HelpName = "FOLDER",
        };
        var noTest = new Option<bool>("--no-test")
        {
            Description = "Train on each user's last item too, instead of asking for it as a test.",
        };
        var preset = new Option<string>("--preset")
        {
            Description = "The trainer's settings: what measured best, or the paper's.",
            DefaultValueFactory = _ => "default",
        };
        preset.AcceptOnlyFromAmong("default", "paper");
        var layers = new Option<int?>("--layers")
        {
            Description = "Top layers of the encoder that are read. Default: 2.",
            HelpName = "NUMBER",
        };
        var dimension = new Option<int?>("--dimension")
        {
            Description = "Width of the embeddings. Default: 256.",
            HelpName = "NUMBER",
        };
        var epochs = new Option<int?>("--epochs")
        {
            Description = "Epochs at most; training ends by itself when it gets no better. Default: 100.",
            HelpName = "NUMBER",
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of weights, order and noise.",
            DefaultValueFactory = _ => 1,
            HelpName = "NUMBER",
        };
        var threads = new Option<int?>("--threads")
        {
            Description = "Threads of the tensor library. Default: one a core.",
            HelpName = "NUMBER",
        };
        var precision = new Option<string>("--precision")
        {
            Description = "Precision of the matrix products.",
            DefaultValueFactory = _ => "auto",
        };
        precision.AcceptOnlyFromAmong("auto", "float32", "bfloat16");
        Option<bool> json = CommonOptions.Json();

        var command = new Command(
            "train",
            """
            Trains a model, saves it, and says how often it finds what each user took last.

            Examples:
              ssna train --items items.csv --interactions clicks.csv --output shop.zip
              ssna train --items items.jsonl --text-columns title,brand --interactions orders.parquet --user-column buyer \
                --encoder distilroberta-base --output shop.zip
              ssna train --data ml-latest-small --cache layers --checkpoint checkpoints --output films.zip
              ssna train --items items.csv --interactions clicks.csv --start-from shop.zip --output shop2.zip
            """
        );
        items.AddTo(command);
        interactions.AddTo(command);
        foreach (
            Option option in new Option[]
            {
                data,
                encoder,
                output,
                startFrom,
                checkpoint,
                cache,
                noTest,
                preset,
                layers,
                dimension,
                epochs,
                seed,
                threads,
                precision,
                json,
            }
        )
        {
            command.Add(option);
        }
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
                    IsPaper = arguments.GetRequiredValue(preset) == "paper",
                    Layers = arguments.GetValue(layers),
                    Dimension = arguments.GetValue(dimension),
                    Epochs = arguments.GetValue(epochs),
                    Seed = arguments.GetRequiredValue(seed),
                    Threads = arguments.GetValue(threads),
                    Precision = Enum.Parse<ComputePrecision>(arguments.GetRequiredValue(precision), ignoreCase: true),
                    Cache = arguments.GetValue(cache),
                    Checkpoint = arguments.GetValue(checkpoint),
                    NoTest = arguments.GetValue(noTest),
                };
                return terminal.Guard(
                    () =>
                    {
                        var mlContext = new MLContext(settings.Seed);
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
