using System.CommandLine;

namespace ShardedShop.Silos;

/// <summary>One silo of a cluster on this machine.</summary>
/// <param name="Folder">The store of models.</param>
/// <param name="HttpPort">Where it is asked.</param>
/// <param name="Port">Where other silos find it.</param>
/// <param name="PrimaryPort">That of the silo that keeps the list of all.</param>
internal sealed record SiloSettings(string Folder, int HttpPort, int Port, int PrimaryPort)
{
    private static readonly Option<string> s_folder = new("--folder")
    {
        Description = "The folder of models in parts.",
        Required = true,
    };
    private static readonly Option<int> s_http = new("--http")
    {
        Description = "The port where it is asked.",
        Required = true,
    };
    private static readonly Option<int> s_port = new("--port")
    {
        Description = "The port where other silos find it.",
        Required = true,
    };
    private static readonly Option<int> s_primary = new("--primary")
    {
        Description = "The port of the silo that keeps the list of all: the first one's own.",
        Required = true,
    };

    /// <summary>The same as a command line.</summary>
    public string[] ToArguments() =>
        [s_folder.Name, Folder, s_http.Name, $"{HttpPort}", s_port.Name, $"{Port}", s_primary.Name, $"{PrimaryPort}"];

    /// <summary>The command that starts one.</summary>
    public static Command Command(Func<SiloSettings, CancellationToken, Task> run)
    {
        var command = new Command("silo", "One silo, which serves until its standard input ends.")
        {
            s_folder,
            s_http,
            s_port,
            s_primary,
        };
        command.SetAction(
            (given, cancellation) =>
                run(
                    new(
                        given.GetRequiredValue(s_folder),
                        given.GetValue(s_http),
                        given.GetValue(s_port),
                        given.GetValue(s_primary)
                    ),
                    cancellation
                )
        );
        return command;
    }
}
