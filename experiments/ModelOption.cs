using Microsoft.ML.Transforms;
using Tools;

namespace Experiments;

/// <summary>What is given as a model: a folder, or an id on the Hugging Face hub.</summary>
internal static class ModelOption
{
    public const string Text =
        "The encoder: a folder as on the Hugging Face hub, or an id there (owner/name, owner/name@revision).";

    /// <summary>The model's folder on this machine; what is fetched is said line by line.</summary>
    public static async Task<string> FolderAsync(string model, CancellationToken cancellation) =>
        await new ModelHub { Progress = new ProgressLines(Console.WriteLine) }.GetFolderAsync(model, cancellation);
}
