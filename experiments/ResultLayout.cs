namespace Experiments;

/// <summary>Where results lie: one page over everything, a folder a data set, and in it one a command, beside the runs they share.</summary>
/// <param name="Output">The folder of all results.</param>
/// <param name="DataSet">The name of the data set.</param>
/// <param name="Command">The name of the experiment.</param>
internal sealed record ResultLayout(string Output, string DataSet, string Command)
{
    /// <summary>The experiment's report and plots.</summary>
    public string Folder => Path.GetFullPath(Path.Combine(Output, DataSet, Command));

    /// <summary>The page with all reports.</summary>
    public string Page => Path.GetFullPath(Path.Combine(Output, "report.html"));

    /// <summary>The file of a finished run.</summary>
    public string RunFile(string id) => Path.GetFullPath(Path.Combine(Output, DataSet, "runs", id + ".json"));

    /// <summary>The file with the items' features.</summary>
    public string FeatureFile(string name) =>
        Path.GetFullPath(Path.Combine(Output, DataSet, "features", name + ".idv"));
}
