using System.CommandLine;
using Ssna.MLNet.Testing;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>Trainings whose process is killed at random moments, against one that is not.</summary>
internal static class KillsRun
{
    public static Command Command()
    {
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 200, Description = "Kills at least." };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "Decides the moments." };
        var command = new Command("kills", "Kills trainings, lets them go on, and compares what they save.")
        {
            count,
            seed,
        };
        command.SetAction(arguments =>
        {
            using var folder = new TemporaryFolder();
            KilledTrainings.Result result = KilledTrainings.Run(
                arguments.GetValue(count),
                arguments.GetValue(seed),
                folder.Path
            );
            Console.WriteLine(
                $"{result.Kills} kills, {result.Trainings} trainings, {result.Different.Count} entries that differ"
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
