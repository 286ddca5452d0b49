using System.Text.RegularExpressions;

namespace Ssna.MLNet.Checkpoints;

/// <summary>A model's folder, as the Hugging Face hub lays it out.</summary>
internal static partial class ModelFolder
{
    /// <summary>Refuses a folder that is not there, and says so where a model's name on the hub was given for one.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    public static void Require(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new FileNotFoundException(
                $"Model folder '{folder}' does not exist (looked for '{Path.GetFullPath(folder)}')."
                    + (
                        HubId().IsMatch(folder)
                            ? " It looks like a model's name on the Hugging Face hub: nothing is downloaded; give the folder "
                                + "that the model's files were downloaded to."
                            : ""
                    ),
                folder
            );
        }
    }

    // "owner/name", or the older names without an owner, which have a dash at least.
    [GeneratedRegex(@"^(\w[\w.-]*/\w[\w.-]*|\w+(-[\w.]+)+)$")]
    private static partial Regex HubId();
}
