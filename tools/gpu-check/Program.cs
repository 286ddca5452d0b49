using System.CommandLine;
using DataFolders;
using GpuCheck;
using Tools;

var file = new Argument<FileInfo>("FILE") { Description = "The archive to write, such as gpu-check.tar.xz." };
var model = new Option<DirectoryInfo?>("--model")
{
    Description = "An encoder's folder to take along, its weights as float16. Default: QuickStart's.",
};
var data = new Option<DirectoryInfo?>("--data")
{
    Description = $"A folder with {DataFolder.Expected}. Default: QuickStart's sample.",
};
var pack = new Command("pack", "Makes what travels to a machine with a GPU and PyTorch, and without .NET.")
{
    file,
    model,
    data,
};
pack.SetAction(result => Package.Write(result.GetRequiredValue(file), result.GetValue(model), result.GetValue(data)));

var epochs = new Option<int>("--epochs")
{
    Description = "Epochs of the default training at most.",
    DefaultValueFactory = _ => 30,
};
var gpu = new Option<int>("--gpu") { Description = "The number of the GPU.", DefaultValueFactory = _ => 0 };
var run = new Command("run", "Checks this machine, and prints one table.") { model, data, epochs, gpu };
run.SetAction(result =>
    Checks.Run(
        Inputs.Find(result.GetValue(model), result.GetValue(data)),
        result.GetValue(epochs),
        result.GetValue(gpu),
        Console.Out
    )
);

return await TerminationSignals.InvokeAsync(new RootCommand("What this library does on a GPU.") { pack, run }, args);
