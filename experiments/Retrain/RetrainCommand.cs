using System.CommandLine;

namespace Experiments.Retrain;

/// <summary>The command line of <see cref="RetrainRun"/>.</summary>
internal static class RetrainCommand
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
        var rates = new Option<float[]>("--rates")
        {
            Description = "Learning rates to go on with, beside the default one.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var patience = new Option<int?>("--patience")
        {
            Description = "Epochs without a better recall after which the trainings that go on end.",
        };
        var epochs = new Option<int?>("--epochs") { Description = "Epochs at most, of every training." };
        var dimension = new Option<int?>("--dimension") { Description = "Width of item and user embeddings." };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of weights, order and noise.",
            DefaultValueFactory = _ => 1,
        };
        var threads = new Option<int?>("--threads") { Description = "Threads of the tensor library." };
        var output = new Option<string>("--output")
        {
            Description = "Folder of the trained models: one that is there is not trained again.",
            Required = true,
        };
        var cache = new Option<string?>("--cache") { Description = "Folder that keeps extracted layers between runs." };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };

        var command = new Command(
            "retrain",
            "Goes on from a model of each user's first 80 % with the next 10 %, against training anew on the 90 %."
        )
        {
            data,
            model,
            rates,
            patience,
            epochs,
            dimension,
            seed,
            threads,
            cache,
            output,
            json,
        };
        command.SetAction(
            (arguments, cancellation) =>
            {
                var settings = new RetrainSettings
                {
                    Data = arguments.GetRequiredValue(data),
                    Model = arguments.GetRequiredValue(model),
                    Rates = arguments.GetRequiredValue(rates),
                    Patience = arguments.GetValue(patience),
                    Epochs = arguments.GetValue(epochs),
                    Dimension = arguments.GetValue(dimension),
                    Seed = arguments.GetRequiredValue(seed),
                    Threads = arguments.GetValue(threads),
                    Cache = arguments.GetValue(cache),
                    Output = arguments.GetRequiredValue(output),
                    Json = arguments.GetValue(json),
                };
                return CommandErrors.Guard(() =>
                    Task.Run(() => new RetrainRun(settings, cancellation).Execute(), cancellation)
                );
            }
        );
        return command;
    }
}
