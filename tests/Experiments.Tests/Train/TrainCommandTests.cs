using System.Diagnostics;
using DataFolders;
using Ssna.MLNet.Testing;

namespace Experiments.Tests.Train;

[TestClass]
public sealed class TrainCommandTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task A_scheduler_that_stops_a_run_finds_it_ended_cleanly()
    {
        using TemporaryFolder folder = TinyShop.Write();
        // Long enough to be stopped in: far more users, and no end by patience within a minute.
        File.WriteAllLines(
            folder["interactions.tsv"],
            [
                "user\titem\torder",
                .. from user in Enumerable.Range(0, 50_000)
                from step in Enumerable.Range(0, 5)
                select $"{user}\t{((user + step) % TinyShop.Items) + 1}\t{step}",
            ]
        );
        string[] command =
        [
            Path.Combine(AppContext.BaseDirectory, "Experiments.dll"),
            "train",
            "--data",
            folder.Path,
            "--model",
            folder["encoder"],
            "--layers",
            "2",
            "--cache",
            folder["cache"],
            "--out",
            folder["model.zip"],
        ];
        using Process run = Process.Start(
            new ProcessStartInfo("dotnet", command) { RedirectStandardError = true, RedirectStandardOutput = true }
        )!;
        try
        {
            Task<string> errors = run.StandardError.ReadToEndAsync(TestContext.CancellationToken);
            Task<string> output = run.StandardOutput.ReadToEndAsync(TestContext.CancellationToken);
            // The texts' layers are kept before training begins.
            while (!Directory.Exists(folder["cache"]) || Directory.GetFiles(folder["cache"]).Length == 0)
            {
                Assert.IsFalse(run.HasExited, "the run ended by itself");
                await Task.Delay(100, TestContext.CancellationToken);
            }
            using (Process kill = Process.Start("kill", ["-TERM", $"{run.Id}"]))
            {
                await kill.WaitForExitAsync(TestContext.CancellationToken);
            }
            await run.WaitForExitAsync(TestContext.CancellationToken);
            Assert.AreEqual("Interrupted.", (await errors).Trim(), await output);
            Assert.AreEqual(130, run.ExitCode);
            Assert.IsEmpty(Directory.GetFiles(folder.Path, "model.zip*"));
        }
        finally
        {
            if (!run.HasExited)
            {
                run.Kill();
            }
        }
    }

    [TestMethod]
    public async Task A_missing_table_is_one_message_and_exit_code_1()
    {
        using TemporaryFolder folder = TinyShop.Write();
        File.Delete(folder["items.tsv"]);
        TextWriter before = Console.Error;
        using var errors = new StringWriter();
        int exitCode;
        Console.SetError(errors);
        try
        {
            exitCode = await TrainCommand
                .Create()
                .Parse(["--data", folder.Path, "--model", folder["encoder"]])
                .InvokeAsync(cancellationToken: TestContext.CancellationToken);
        }
        finally
        {
            Console.SetError(before);
        }
        Assert.AreEqual(1, exitCode);
        // The whole of it: a stack trace would be more lines.
        Assert.AreEqual(
            $"Folder '{folder.Path}': expected {DataFolder.Expected}, found interactions.tsv alone.",
            errors.ToString().TrimEnd()
        );
    }
}
