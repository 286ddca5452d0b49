using Ssna.MLNet.Hub;

namespace Ssna.MLNet.Checkpoints;

/// <summary>A model's folder on this machine, laid out as on the Hugging Face hub, and what the model is called.</summary>
/// <param name="Path">The folder, as a full path.</param>
/// <param name="Name">
/// What names the model wherever its files lie: id and commit of one from the hub, the full path of any other folder.
/// </param>
internal sealed record ModelFolder(string Path, string Name)
{
    /// <summary>The folder of a path, or null where there is none.</summary>
    public static ModelFolder? OfPath(string path) =>
        Directory.Exists(path) ? new(System.IO.Path.GetFullPath(path), System.IO.Path.GetFullPath(path)) : null;

    /// <summary>What a saved model calls a model whose files it has: nothing of it belongs to this machine.</summary>
    public static string PortableName(string name) =>
        HubModel.Parse(name) is null ? new DirectoryInfo(name).Name : name;

    /// <summary>Refuses a folder that is not there.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    public static void Require(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new FileNotFoundException(NoSuchFolder(folder), folder);
        }
    }

    /// <summary>For a text that is neither a folder nor a model's id.</summary>
    public static FileNotFoundException NotFound(string model) =>
        new($"{NoSuchFolder(model)} Nor is it {HubModel.Syntax}.", model);

    /// <summary>That there is no such folder here, in a sentence.</summary>
    public static string NoSuchFolder(string folder) =>
        $"Model folder '{folder}' does not exist (looked for '{System.IO.Path.GetFullPath(folder)}').";
}
