using System.CommandLine;

namespace Experiments;

/// <summary>What the commands that train by themselves are asked alike.</summary>
internal sealed class CommandOptions
{
    public Option<string> Data { get; } =
        new("--data") { Description = "Folder with items.tsv and interactions.tsv.", Required = true };

    public Option<string> Model { get; } = new("--model") { Description = ModelOption.Text, Required = true };

    public Option<int> Seed { get; } =
        new("--seed") { Description = "Seed of weights, order and noise.", DefaultValueFactory = _ => 1 };

    public Option<int?> Threads { get; } = new("--threads") { Description = "Threads of the tensor library." };

    public Option<string?> Cache { get; } =
        new("--cache") { Description = "Folder that keeps extracted layers between runs." };

    public Option<string?> Json { get; } = new("--json") { Description = "Where the figures are written." };
}
