using System.CommandLine;
using Experiments;
using Experiments.Extract;
using Experiments.Retrain;
using Experiments.Runs;
using Tools;

var root = new RootCommand("Experiments with Ssna.MLNet on real data.")
{
    ExtractCommand.Create(),
    TrainCommand.Create(),
    ExperimentCommand.Create(
        "compare",
        "Every method on one data set: quality, time, memory, and how sure the differences are."
    ),
    ExperimentCommand.Create("layers", "How many of the encoder's top layers pay: the paper's Figure 3."),
    ExperimentCommand.Create("integration", "How the layers are best joined: the paper's Table 8."),
    ExperimentCommand.Create("efficiency", "Seconds an epoch and memory: the paper's Tables 6 and 7."),
    ExperimentCommand.Create("search", "Tries a grid of options for each method and tests the best."),
    ExperimentCommand.Create("cold", "Recall on items that were never trained on, from their texts alone."),
    RetrainCommand.Create(),
    ChildCommand.Create<RunRequest>(ChildCommand.Run, MethodRun.Execute),
    ChildCommand.Create<FeaturesRequest>(ChildCommand.Features, FeatureFile.Write),
};
return await TerminationSignals.InvokeAsync(root, args);
