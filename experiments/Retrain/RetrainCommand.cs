using System.CommandLine;
using Tools;

namespace Experiments.Retrain;

/// <summary>The command line of <see cref="RetrainRun"/>.</summary>
internal static class RetrainCommand
{
    public static Command Create()
    {
        var common = new CommandOptions();
        var training = new TrainingCommandOptions();
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
        var output = new Option<string>("--output")
        {
            Description = "Folder of the trained models: one that is there is not trained again.",
            Required = true,
        };

        var command = new Command(
            "retrain",
            "Goes on from a model of each user's first 80 % with the next 10 %, against training anew on the 90 %."
        )
        {
            common.Data,
            common.Model,
            rates,
            patience,
            training.Epochs,
            training.Dimension,
            training.Seed,
            training.Threads,
            training.Cache,
            output,
            common.Json,
        };
        command.SetAction(
            (arguments, cancellation) =>
            {
                var settings = new RetrainSettings
                {
                    Data = arguments.GetRequiredValue(common.Data),
                    Model = arguments.GetRequiredValue(common.Model),
                    Rates = arguments.GetRequiredValue(rates),
                    Patience = arguments.GetValue(patience),
                    Epochs = arguments.GetValue(training.Epochs),
                    Dimension = arguments.GetValue(training.Dimension),
                    Seed = arguments.GetRequiredValue(training.Seed),
                    Threads = arguments.GetValue(training.Threads),
                    Cache = arguments.GetValue(training.Cache),
                    Output = arguments.GetRequiredValue(output),
                    Json = arguments.GetValue(common.Json),
                };
                return CommandErrors.Guard(async () =>
                {
                    string model = await ModelOption.FolderAsync(settings.Model, cancellation);
                    var run = new RetrainRun(settings with { Model = model }, cancellation);
                    await Task.Run(() => run.Execute(), cancellation);
                });
            }
        );
        return command;
    }
}
