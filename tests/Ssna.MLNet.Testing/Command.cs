using System.Diagnostics;

namespace Ssna.MLNet.Testing;

/// <summary>Runs a program to its end.</summary>
public static class Command
{
    /// <summary>The output of <c>dotnet</c>, which must end well.</summary>
    public static string DotNet(params string[] arguments)
    {
        (int exitCode, string output, string errors) = Run("dotnet", arguments, []);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"dotnet {string.Join(' ', arguments)} ended with {exitCode}: {errors}\n{output}"
            );
    }

    /// <summary>Runs a program with changes to its environment.</summary>
    public static (int ExitCode, string Output, string Errors) Run(
        string program,
        IEnumerable<string> arguments,
        Dictionary<string, string> environment
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Trim(), errors.GetAwaiter().GetResult());
    }
}
