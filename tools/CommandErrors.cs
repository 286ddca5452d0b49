namespace Tools;

/// <summary>What goes wrong is said in one message, as the libraries word them; a stack trace would only hide it.</summary>
internal static class CommandErrors
{
    /// <summary>Runs an action and gives the exit code: 0, 1 after an error, 130 after an interruption.</summary>
    /// <param name="action">What is run.</param>
    /// <param name="errors">Where the message is written; null for the console.</param>
    public static async Task<int> Guard(Func<Task> action, TextWriter? errors = null)
    {
        try
        {
            await action();
            return 0;
        }
        catch (OperationCanceledException)
        {
            await (errors ?? Console.Error).WriteLineAsync("Interrupted.");
            return 130;
        }
#pragma warning disable CA1031 // the outermost handler of a command
        catch (Exception error)
#pragma warning restore CA1031
        {
            await (errors ?? Console.Error).WriteLineAsync(error.Message);
            return 1;
        }
    }
}
