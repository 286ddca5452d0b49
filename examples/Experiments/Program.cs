using System.CommandLine;
using Experiments;

var root = new RootCommand("Experiments with Ssna.MLNet on real data.") { TrainCommand.Create() };
return await root.Parse(args).InvokeAsync();
