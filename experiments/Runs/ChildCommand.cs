using System.CommandLine;
using System.Text.Json;
using Tools;

namespace Experiments.Runs;

/// <summary>The hidden verbs that <see cref="ChildProcess"/> starts: their request comes as JSON on standard input.</summary>
internal static class ChildCommand
{
    public const string Run = "run";
    public const string Features = "features";

    public static Command Create<TRequest>(string verb, Action<TRequest, CancellationToken> execute)
    {
        var command = new Command(verb) { Hidden = true };
        command.SetAction(
            async (_, cancellation) =>
            {
                TRequest request = (
                    await JsonSerializer.DeserializeAsync<TRequest>(
                        Console.OpenStandardInput(),
                        JsonFiles.Compact,
                        cancellation
                    )
                )!;
                return await CommandErrors.Guard(() => Task.Run(() => execute(request, cancellation), cancellation));
            }
        );
        return command;
    }
}
