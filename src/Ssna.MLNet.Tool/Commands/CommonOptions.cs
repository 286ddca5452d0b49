using System.CommandLine;
using DataFolders;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>Options and arguments that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() =>
        new("--json") { Description = "Write the result as JSON on standard output, and nothing else there." };

    public static Argument<string> Model() => new("model") { Description = "A model that 'ssna train' saved (.zip)." };

    public static Option<string?> Data(string instead) =>
        new("--data")
        {
            Description = $"Folder instead of {instead}, with {DataFolder.Expected}.",
            HelpName = "FOLDER",
        };

    public static Option<int> Count(string description)
    {
        var count = new Option<int>("--count", "-k")
        {
            Description = description,
            DefaultValueFactory = _ => 10,
            HelpName = "NUMBER",
        };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{count.Name}: expected 1 or more, found {result.GetValueOrDefault<int>()}.");
            }
        });
        return count;
    }

    /// <summary>Refuses options that say something of a file where no file is named.</summary>
    public static void OnlyTogetherWith(Command command, Option<string?> file, params Option[] further) =>
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is not null)
            {
                return;
            }
            foreach (Option option in further.Where(option => result.GetResult(option) is { Implicit: false }))
            {
                result.AddError($"{option.Name}: expected together with {file.Name}, found it alone.");
            }
        });

    public static Option<string> Output(string description) =>
        new("--output", "-o")
        {
            Description = description,
            HelpName = "FILE",
            Required = true,
        };
}
