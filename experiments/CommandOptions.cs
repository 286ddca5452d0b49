using System.CommandLine;
using DataFolders;

namespace Experiments;

/// <summary>What the commands that train by themselves are asked alike.</summary>
internal sealed class CommandOptions
{
    public Option<string> Data { get; } =
        new("--data") { Description = $"Folder with {DataFolder.Expected}.", Required = true };

    public Option<string> Model { get; } = new("--model") { Description = ModelOption.Text, Required = true };

    public Option<string?> Json { get; } = new("--json") { Description = "Where the figures are written." };
}
