using System.Globalization;
using Microsoft.ML.Transforms;

namespace Experiments;

/// <summary>What is given as a model: a folder, or an id on the Hugging Face hub.</summary>
internal static class ModelOption
{
    public const string Text =
        "The encoder: a folder as on the Hugging Face hub, or an id there (owner/name, owner/name@revision).";

    /// <summary>The model's folder on this machine; what is fetched is said line by line.</summary>
    public static async Task<string> FolderAsync(string model, CancellationToken cancellation) =>
        await new ModelHub { Progress = new Lines() }.GetFolderAsync(model, cancellation);

    // Each file once, when it is there.
    private sealed class Lines : IProgress<ModelHubProgress>
    {
        private string? _file;

        public void Report(ModelHubProgress value)
        {
            if (value.File != _file)
            {
                _file = value.File;
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"fetching {value.File} of {value.Model}, {value.TotalBytes / 1e6:N1} MB with the rest"
                    )
                );
            }
        }
    }
}
