using Ssna.MLNet.Testing;

namespace Experiments.Tests.Train;

[TestClass]
public sealed class TrainCommandTests
{
    public TestContext TestContext { get; set; } = null!;

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
        Assert.AreEqual($"--data: '{folder.Path}' has no items.tsv.", errors.ToString().TrimEnd());
    }
}
