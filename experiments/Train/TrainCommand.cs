using System.CommandLine;
using Microsoft.ML.Transforms;
using Tools;

namespace Experiments;

/// <summary>The command line of <see cref="TrainRun"/>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var common = new CommandOptions();
        var preset = new Option<string>("--preset")
        {
            Description = "The trainer's settings.",
            DefaultValueFactory = _ => "default",
        };
        preset.AcceptOnlyFromAmong("default", "paper");
        var layers = new Option<int?>("--layers") { Description = "Top layers with an adapter (the paper's a)." };
        var epochs = new Option<int?>("--epochs") { Description = "Epochs at most." };
        var precision = new Option<string>("--precision")
        {
            Description = "Precision of the matrix products.",
            DefaultValueFactory = _ => "auto",
        };
        precision.AcceptOnlyFromAmong("auto", "float32", "bfloat16");
        var output = new Option<string?>("--out") { Description = "Where the model is saved (.zip)." };
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description = "Folder of checkpoints: a training that was broken off goes on from there.",
        };

        var command = new Command("train", "Trains and evaluates one model with leave-one-out.")
        {
            common.Data,
            common.Model,
            preset,
            layers,
            epochs,
            common.Seed,
            common.Threads,
            precision,
            common.Cache,
            output,
            checkpoint,
            common.Json,
        };
        command.SetAction(
            (arguments, cancellation) =>
            {
                var settings = new TrainSettings
                {
                    Data = arguments.GetRequiredValue(common.Data),
                    Model = arguments.GetRequiredValue(common.Model),
                    Preset = arguments.GetRequiredValue(preset),
                    Layers = arguments.GetValue(layers),
                    Epochs = arguments.GetValue(epochs),
                    Seed = arguments.GetRequiredValue(common.Seed),
                    Threads = arguments.GetValue(common.Threads),
                    Precision = Enum.Parse<ComputePrecision>(arguments.GetRequiredValue(precision), ignoreCase: true),
                    Cache = arguments.GetValue(common.Cache),
                    Out = arguments.GetValue(output),
                    Checkpoint = arguments.GetValue(checkpoint),
                    Json = arguments.GetValue(common.Json),
                };
                return CommandErrors.Guard(async () =>
                {
                    string model = await ModelOption.FolderAsync(settings.Model, cancellation);
                    await Task.Run(() => TrainRun.Execute(settings with { Model = model }, cancellation), cancellation);
                });
            }
        );
        return command;
    }
}
