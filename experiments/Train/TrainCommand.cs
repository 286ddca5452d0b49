using System.CommandLine;
using Tools;

namespace Experiments;

/// <summary>The command line of <see cref="TrainRun"/>.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var common = new CommandOptions();
        var training = new TrainingCommandOptions();
        var output = new Option<string?>("--out") { Description = "Where the model is saved (.zip)." };

        var command = new Command("train", "Trains and evaluates one model with leave-one-out.")
        {
            common.Data,
            common.Model,
        };
        training.AddTo(command);
        command.Add(output);
        command.Add(common.Json);
        command.SetAction(
            (arguments, cancellation) =>
            {
                var settings = new TrainSettings
                {
                    Data = arguments.GetRequiredValue(common.Data),
                    Model = arguments.GetRequiredValue(common.Model),
                    Training = training.Read(arguments),
                    Out = arguments.GetValue(output),
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
