using System.Diagnostics;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tool.Tests;

/// <summary>What the command says when it cannot do what was asked.</summary>
[TestClass]
public sealed class UsageTests : IDisposable
{
    private readonly TemporaryFolder _folder = TinyShop.Write();

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("Required command was not provided")]
    [DataRow("Expected --items and --interactions, or --data.", "train", "--output", "x.zip")]
    [DataRow("Expected --items and --interactions, or --data.", "train", "--items", "a.csv", "--output", "x.zip")]
    [DataRow(
        "Expected --items and --interactions, or --data.",
        "train",
        "--data",
        "folder",
        "--items",
        "a.csv",
        "--output",
        "x.zip"
    )]
    [DataRow("--output", "train", "--data", "folder")]
    [DataRow("Expected --history or --interactions.", "recommend", "x.zip")]
    [DataRow(
        "Expected --history or --interactions.",
        "recommend",
        "x.zip",
        "--history",
        "A",
        "--interactions",
        "b.csv"
    )]
    [DataRow("found --history", "recommend", "x.zip", "--history", "A", "--output", "b.csv")]
    [DataRow("Expected --interactions or --data.", "evaluate", "x.zip")]
    [DataRow("expected 1 or more, found 0", "similar", "x.zip", "A", "-k", "0")]
    [DataRow("found both", "evaluate", "x.zip", "--interactions", "a.csv", "--time-column", "t", "--in-order")]
    [DataRow("--item", "add-items", "x.zip", "--output", "y.zip")]
    [DataRow("--in-order: expected together with --interactions", "evaluate", "x.zip", "--data", "d", "--in-order")]
    [DataRow("--text-columns: expected together with --items", "similar", "x.zip", "A", "--text-columns", "a,b")]
    public async Task Wrong_usage_is_exit_code_2_and_nothing_on_standard_output(
        string message,
        params string[] arguments
    )
    {
        CommandLine.Result result = await CommandLine.RunAsync(arguments);
        Assert.AreEqual(2, result.ExitCode);
        Assert.AreEqual("", result.Output);
        StringAssert.Contains(result.Errors, message);
        StringAssert.Contains(result.Errors, "--help' says how it is used.");
    }

    [TestMethod]
    [DataRow("train")]
    [DataRow("evaluate")]
    [DataRow("recommend")]
    [DataRow("similar")]
    [DataRow("add-items")]
    public async Task Every_command_has_help_with_examples(string command)
    {
        CommandLine.Result result = await CommandLine.RunAsync(command, "--help");
        Assert.AreEqual(0, result.ExitCode, result.Errors);
        StringAssert.Contains(result.Output, $"  ssna {command} ");
    }

    [TestMethod]
    public async Task A_file_that_is_not_there_is_one_message_and_exit_code_1()
    {
        File.Delete(_folder["items.csv"]);
        CommandLine.Result result = await CommandLine.RunAsync(TinyShop.Train(_folder));
        Assert.AreEqual($"There is no file '{_folder["items.csv"]}'.", result.Message);
    }

    [TestMethod]
    public async Task A_model_that_is_none_is_named()
    {
        CommandLine.Result missing = await CommandLine.RunAsync("similar", _folder["nothing.zip"], "P1");
        StringAssert.Contains(missing.Message, _folder["nothing.zip"]);
        CommandLine.Result other = await CommandLine.RunAsync("similar", _folder["items.csv"], "P1");
        StringAssert.Contains(other.Message, _folder["items.csv"]);
    }

    [TestMethod]
    public async Task Interactions_with_none_of_the_items_say_so()
    {
        string clicks = File.ReadAllText(_folder["clicks.csv"]);
        File.WriteAllText(_folder["clicks.csv"], clicks.Replace(",P", ",Q", StringComparison.Ordinal));
        CommandLine.Result result = await CommandLine.RunAsync(TinyShop.Train(_folder));
        Assert.AreEqual(1, result.ExitCode);
        StringAssert.Contains(result.Errors, "not in the catalogue");
        Assert.IsFalse(File.Exists(_folder["shop.zip"]));
    }

    [TestMethod]
    public async Task A_row_that_is_wrong_is_one_message_wherever_it_is_read()
    {
        File.WriteAllLines(
            _folder["clicks.jsonl"],
            [
                .. Enumerable
                    .Range(0, 5000)
                    .Select(i => $$"""{"user": "u{{i / 5}}", "item": "P{{i % 10}}", "time": {{i}}}"""),
                "{\"user\": \"u1\", \"item\"",
            ]
        );
        foreach (string[] further in new string[][] { [], ["--in-order"] })
        {
            string[] command = [.. TinyShop.Train(_folder), .. further];
            command[Array.IndexOf(command, "--interactions") + 1] = _folder["clicks.jsonl"];
            StringAssert.StartsWith(
                (await CommandLine.RunAsync(command)).Message,
                $"'{_folder["clicks.jsonl"]}', line 5001: "
            );
        }
    }

    [TestMethod]
    public async Task An_item_that_is_there_twice_is_named()
    {
        File.AppendAllText(_folder["items.csv"], "P3,again,large,1\n");
        StringAssert.Contains((await CommandLine.RunAsync(TinyShop.Train(_folder))).Message, "'P3'");
    }

    [TestMethod]
    public async Task A_file_without_times_is_told_of_the_way_to_do_without()
    {
        File.WriteAllText(_folder["clicks.csv"], "user,item\nu,P1\n");
        StringAssert.Contains((await CommandLine.RunAsync(TinyShop.Train(_folder))).Message, "--in-order says so");
    }

    [TestMethod]
    public async Task An_output_that_is_a_folder_is_refused_before_the_work()
    {
        Directory.CreateDirectory(_folder["shop.zip"]);
        CommandLine.Result result = await CommandLine.RunAsync(TinyShop.Train(_folder));
        Assert.AreEqual($"--output: expected a file, found the folder '{_folder["shop.zip"]}'.", result.Message);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task A_signal_ends_a_training_with_130_and_no_model()
    {
        // Long enough to be stopped in.
        File.AppendAllLines(
            _folder["clicks.csv"],
            from user in Enumerable.Range(0, 50_000)
            from step in Enumerable.Range(0, 5)
            select $"view,U{user},P{(user + step) % TinyShop.Items},{step}"
        );
        string[] command = [Path.Combine(AppContext.BaseDirectory, "ssna.dll"), .. TinyShop.Train(_folder, "--json")];
        command[Array.IndexOf(command, "--epochs") + 1] = "100";
        using Process run = Process.Start(
            new ProcessStartInfo("dotnet", command) { RedirectStandardError = true, RedirectStandardOutput = true }
        )!;
        try
        {
            Task<string> output = run.StandardOutput.ReadToEndAsync(TestContext.CancellationToken);
            string errors = "";
            while (await run.StandardError.ReadLineAsync(TestContext.CancellationToken) is { } line)
            {
                errors += line + "\n";
                if (line.StartsWith("epoch   1", StringComparison.Ordinal))
                {
                    using Process kill = Process.Start("kill", ["-TERM", $"{run.Id}"]);
                    await kill.WaitForExitAsync(TestContext.CancellationToken);
                }
            }
            await run.WaitForExitAsync(TestContext.CancellationToken);
            Assert.AreEqual(130, run.ExitCode, errors);
            StringAssert.EndsWith(errors.TrimEnd(), "Interrupted.");
            Assert.AreEqual("", await output);
            Assert.IsEmpty(Directory.GetFiles(_folder.Path, "shop.zip*"));
        }
        finally
        {
            if (!run.HasExited)
            {
                run.Kill();
            }
        }
    }
}
