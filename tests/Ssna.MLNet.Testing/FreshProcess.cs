using System.Diagnostics;
using System.Globalization;

namespace Ssna.MLNet.Testing;

/// <summary>Runs tests/Ssna.MLNet.FreshProcess, a program that knows nothing of the test's process.</summary>
public static class FreshProcess
{
    /// <summary>The folder the program was built in.</summary>
    public static string Folder { get; } = FolderOf("Ssna.MLNet.FreshProcess");

    /// <summary>Has the program read what may be made to harm it: one line a path, "read" or what was thrown.</summary>
    /// <param name="command">Of its commands, "encoders" or "models".</param>
    /// <param name="paths">What to read.</param>
    public static LimitedProcess.Result Try(string command, params string[] paths) =>
        LimitedProcess.Run(
            Path.Combine(Folder, "Ssna.MLNet.FreshProcess.dll"),
            megabytes: 1000,
            TimeSpan.FromMinutes(2),
            [command, .. paths]
        );

    /// <summary>The folder that a program beside the tests was built in.</summary>
    public static string FolderOf(string project) =>
        Path.Combine(
            SharedFolder.Checkout,
            "tests",
            project,
            "bin",
            // The test's own output folder ends in bin/CONFIGURATION/FRAMEWORK.
            Path.Combine(
                AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^2..]
            )
        );

    /// <summary>Loads a saved model in a new process, transforms saved data, and returns a float vector column, a row an entry.</summary>
    public static float[][] Transform(string modelPath, string dataPath, string column)
    {
        (int exitCode, string output, string errors) = Run(Folder, [], "transform", modelPath, dataPath, column);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"The fresh process ended with {exitCode}: {errors}");
        }
        return
        [
            .. output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ').Select(Value).ToArray()),
        ];

        static float Value(string bits) =>
            BitConverter.Int32BitsToSingle(int.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>Runs the program from <paramref name="folder"/> with changes to its environment.</summary>
    public static (int ExitCode, string Output, string Errors) Run(
        string folder,
        Dictionary<string, string> environment,
        params string[] arguments
    ) => Command.Run("dotnet", [Path.Combine(folder, "Ssna.MLNet.FreshProcess.dll"), .. arguments], environment);

    /// <summary>Starts a process that holds a file as a running search or training does, until it is killed.</summary>
    public static Process Hold(string path)
    {
        Process process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(Folder, "Ssna.MLNet.FreshProcess.dll"), "hold", path])
            {
                RedirectStandardOutput = true,
            }
        )!;
        return process.StandardOutput.ReadLine() == "held"
            ? process
            : throw new InvalidOperationException($"The fresh process does not hold '{path}'.");
    }

    /// <summary>Runs tests/Ssna.MLNet.HostProcess, a host of the library with state, threads and environment of its own.</summary>
    public static (int ExitCode, string Output, string Errors) RunHost(
        Dictionary<string, string> environment,
        params string[] arguments
    ) =>
        Command.Run(
            "dotnet",
            [Path.Combine(FolderOf("Ssna.MLNet.HostProcess"), "Ssna.MLNet.HostProcess.dll"), .. arguments],
            environment
        );
}
