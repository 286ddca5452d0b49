using System.CommandLine;
using Microsoft.ML.Transforms;

namespace Experiments;

/// <summary>The command line of <see cref="TrainRun"/>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "Folder with items.tsv and interactions.tsv.",
            Required = true,
        };
        var model = new Option<string>("--model")
        {
            Description = "Folder of the encoder, as on the Hugging Face hub.",
            Required = true,
        };
        var preset = new Option<string>("--preset")
        {
            Description = "The trainer's settings.",
            DefaultValueFactory = _ => "default",
        };
        preset.AcceptOnlyFromAmong("default", "paper");
        var layers = new Option<int?>("--layers") { Description = "Top layers with an adapter (the paper's a)." };
        var epochs = new Option<int?>("--epochs") { Description = "Epochs at most." };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of weights, order and noise.",
            DefaultValueFactory = _ => 1,
        };
        var threads = new Option<int?>("--threads") { Description = "Threads of the tensor library." };
        var precision = new Option<string>("--precision")
        {
            Description = "Precision of the matrix products.",
            DefaultValueFactory = _ => "auto",
        };
        precision.AcceptOnlyFromAmong("auto", "float32", "bfloat16");
        var cache = new Option<string?>("--cache") { Description = "Folder that keeps extracted layers between runs." };
        var output = new Option<string?>("--out") { Description = "Where the model is saved (.zip)." };
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description = "Folder of checkpoints: a training that was broken off goes on from there.",
        };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };

        var command = new Command("train", "Trains and evaluates one model with leave-one-out.")
        {
            data,
            model,
            preset,
            layers,
            epochs,
            seed,
            threads,
            precision,
            cache,
            output,
            checkpoint,
            json,
        };
        command.SetAction(
            (arguments, cancellation) =>
            {
                var settings = new TrainSettings
                {
                    Data = arguments.GetRequiredValue(data),
                    Model = arguments.GetRequiredValue(model),
                    Preset = arguments.GetRequiredValue(preset),
                    Layers = arguments.GetValue(layers),
                    Epochs = arguments.GetValue(epochs),
                    Seed = arguments.GetRequiredValue(seed),
                    Threads = arguments.GetValue(threads),
                    Precision = Enum.Parse<ComputePrecision>(arguments.GetRequiredValue(precision), ignoreCase: true),
                    Cache = arguments.GetValue(cache),
                    Out = arguments.GetValue(output),
                    Checkpoint = arguments.GetValue(checkpoint),
                    Json = arguments.GetValue(json),
                };
                return CommandErrors.Guard(() =>
                    Task.Run(() => TrainRun.Execute(settings, cancellation), cancellation)
                );
            }
        );
        return command;
    }
}
