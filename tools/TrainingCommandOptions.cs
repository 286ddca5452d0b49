using System.CommandLine;
using Microsoft.ML.Transforms;

namespace Tools;

/// <summary>The options of a command line that say how to train: <see cref="TrainingSettings"/>.</summary>
internal sealed class TrainingCommandOptions
{
    public TrainingCommandOptions()
    {
        Preset.AcceptOnlyFromAmong("default", "paper");
        Precision.AcceptOnlyFromAmong("auto", "float32", "bfloat16");
    }

    public Option<string> Preset { get; } =
        new("--preset")
        {
            Description = "The trainer's settings: what measured best, or the paper's.",
            DefaultValueFactory = _ => "default",
        };

    public Option<int?> Layers { get; } =
        new("--layers")
        {
            Description = "Top layers of the encoder with an adapter (the paper's a). Default: 2.",
            HelpName = "NUMBER",
        };

    public Option<int?> Dimension { get; } =
        new("--dimension") { Description = "Width of item and user embeddings. Default: 256.", HelpName = "NUMBER" };

    public Option<int?> Epochs { get; } =
        new("--epochs")
        {
            Description = "Epochs at most; training ends by itself when it gets no better. Default: 100.",
            HelpName = "NUMBER",
        };

    public Option<int> Seed { get; } =
        new("--seed")
        {
            Description = "Seed of weights, order and noise.",
            DefaultValueFactory = _ => 1,
            HelpName = "NUMBER",
        };

    public Option<int?> Threads { get; } =
        new("--threads") { Description = "Threads of the tensor library. Default: its own.", HelpName = "NUMBER" };

    public Option<string> Precision { get; } =
        new("--precision") { Description = "Precision of the matrix products.", DefaultValueFactory = _ => "auto" };

    public Option<string?> Cache { get; } =
        new("--cache")
        {
            Description = "Folder that keeps what the encoder made of texts between runs.",
            HelpName = "FOLDER",
        };

    public Option<string?> Checkpoint { get; } =
        new("--checkpoint")
        {
            Description = "Folder of checkpoints: a training that was broken off goes on from there.",
            HelpName = "FOLDER",
        };

    /// <summary>Adds all of them.</summary>
    public void AddTo(Command command)
    {
        foreach (
            Option option in new Option[]
            {
                Preset,
                Layers,
                Dimension,
                Epochs,
                Seed,
                Threads,
                Precision,
                Cache,
                Checkpoint,
            }
        )
        {
            command.Add(option);
        }
    }

    public TrainingSettings Read(ParseResult arguments) =>
        new()
        {
            Preset = arguments.GetRequiredValue(Preset),
            Layers = arguments.GetValue(Layers),
            Dimension = arguments.GetValue(Dimension),
            Epochs = arguments.GetValue(Epochs),
            Seed = arguments.GetRequiredValue(Seed),
            Threads = arguments.GetValue(Threads),
            Precision = Enum.Parse<ComputePrecision>(arguments.GetRequiredValue(Precision), ignoreCase: true),
            Cache = arguments.GetValue(Cache),
            Checkpoint = arguments.GetValue(Checkpoint),
        };
}
