using System.CommandLine;
using Ssna.MLNet.Testing;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>Trainings whose process is killed at random moments, against one that is not.</summary>
internal static class KillsRun
{
    public static Command Command()
    {
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 200, Description = "Kills." };
        var each = new Option<int>("--each") { DefaultValueFactory = _ => 1, Description = "Of one training at most." };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "Decides the moments." };
        var command = new Command("kills", "Kills trainings, lets them go on, and compares what they save.")
        {
            count,
            each,
            seed,
        };
        command.SetAction(arguments =>
        {
            using var folder = new TemporaryFolder();
            KilledTrainings.Result result = KilledTrainings.Run(
                arguments.GetValue(count),
                arguments.GetValue(each),
                arguments.GetValue(seed),
                folder.Path,
                Console.WriteLine
            );
            foreach (string entry in result.Different)
            {
                Console.WriteLine(entry);
            }
            return result.Different.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
