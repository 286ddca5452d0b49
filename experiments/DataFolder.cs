using Microsoft.ML;
using Microsoft.ML.Data;

namespace Experiments;

/// <summary>Reads a folder with <c>items.tsv</c> (item, text) and <c>interactions.tsv</c> (user, item, order).</summary>
internal sealed class DataFolder(MLContext mlContext, string folder)
{
    /// <summary>One row an item: Item and Text.</summary>
    public IDataView Items { get; } =
        mlContext.Data.LoadFromTextFile(
            Existing(folder, "items.tsv"),
            [new("Item", DataKind.String, 0), new("Text", DataKind.String, 1)],
            hasHeader: true
        );

    /// <summary>One row an interaction: User, Item and Time.</summary>
    public IDataView Interactions { get; } =
        mlContext.Data.LoadFromTextFile(
            Existing(folder, "interactions.tsv"),
            [new("User", DataKind.String, 0), new("Item", DataKind.String, 1), new("Time", DataKind.Int64, 2)],
            hasHeader: true
        );

    private static string Existing(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? path : throw new FileNotFoundException($"--data: '{folder}' has no {file}.", path);
    }
}
