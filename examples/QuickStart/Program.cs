using System.CommandLine;
using QuickStart;
using QuickStart.Presentation;
using Tools;

var outOption = new Option<DirectoryInfo>("--out")
{
    Description = "Where the model and the training curve are written.",
    DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "quickstart")),
};
var root = new RootCommand("Trains a recommender on the sample shop, shows what it learned, and saves it.")
{
    outOption,
};
root.SetAction(
    (result, cancellation) =>
        Task.Run(() => Run(result.GetRequiredValue(outOption), cancellation), CancellationToken.None)
);
return await TerminationSignals.InvokeAsync(root, args);

static int Run(DirectoryInfo output, CancellationToken cancellation)
{
    var screen = new Screen();
    try
    {
        MainJob.Run(output.FullName, screen, cancellation);
        return 0;
    }
    catch (OperationCanceledException)
    {
        screen.Cancelled();
        return 130; // the shell's code for Ctrl+C
    }
}
