using System.CommandLine;
using DataFolders;
using Experiments.Configuration;
using Microsoft.ML.Transforms;
using Tools;

namespace Experiments;

/// <summary>The command line of an <see cref="Experiment"/>: a configuration file, and what overrides it.</summary>
internal static class ExperimentCommand
{
    public static Command Create(string name, string description)
    {
        var file = new Option<string>("--configuration")
        {
            Description = "The experiment's settings (JSON).",
            DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "configurations", name + ".json"),
        };
        var data = new Option<string?>("--data") { Description = $"Folder with {DataFolder.Expected}." };
        var model = new Option<string?>("--model") { Description = ModelOption.Text };
        var output = new Option<string?>("--output") { Description = "Folder of the results; a rerun goes on in it." };
        var cache = new Option<string?>("--cache") { Description = "Folder that keeps extracted layers." };
        var seeds = new Option<int[]?>("--seeds")
        {
            Description = "Each method runs once with each.",
            AllowMultipleArgumentsPerToken = true,
        };
        var methods = new Option<string[]?>("--methods")
        {
            Description = "Names of methods of the file; the others are left out.",
            AllowMultipleArgumentsPerToken = true,
        };
        var epochs = new Option<int?>("--epochs") { Description = "Epochs at most, for all methods." };
        var threads = new Option<int?>("--threads") { Description = "Threads of the tensor library." };
        var precision = new Option<ComputePrecision?>("--precision")
        {
            Description = "Precision of the matrix products.",
        };
        var command = new Command(name, description)
        {
            file,
            data,
            model,
            output,
            cache,
            seeds,
            methods,
            epochs,
            threads,
            precision,
        };
        command.SetAction(
            (arguments, cancellation) =>
                CommandErrors.Guard(async () =>
                {
                    var read = ExperimentConfiguration.Load(arguments.GetRequiredValue(file));
                    ExperimentConfiguration configuration = read with
                    {
                        Data = arguments.GetValue(data) ?? read.Data,
                        Model = arguments.GetValue(model) ?? read.Model,
                        Output = arguments.GetValue(output) ?? read.Output,
                        Cache = arguments.GetValue(cache) ?? read.Cache,
                        Seeds = arguments.GetValue(seeds) is { Length: > 0 } given ? given : read.Seeds,
                        Threads = arguments.GetValue(threads) ?? read.Threads,
                        Precision = arguments.GetValue(precision) ?? read.Precision,
                    };
                    if (arguments.GetValue(methods) is { Length: > 0 } names)
                    {
                        configuration = configuration.WithMethods(names);
                    }
                    if (arguments.GetValue(epochs) is { } most)
                    {
                        configuration = configuration.WithMaximumEpochs(most);
                    }
                    if (configuration.Model is { } named)
                    {
                        configuration = configuration with
                        {
                            Model = await ModelOption.FolderAsync(named, cancellation),
                        };
                    }
                    configuration.Check();
                    await new Experiment(name, configuration, Console.WriteLine).RunAsync(cancellation);
                })
        );
        return command;
    }
}
