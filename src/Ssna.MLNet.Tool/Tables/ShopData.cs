using DataFolders;
using Microsoft.ML;

namespace Ssna.MLNet.Tool.Tables;

/// <summary>The items and the interactions of a shop.</summary>
/// <param name="Items">One row an item: Item and Text.</param>
/// <param name="Interactions">The interactions.</param>
/// <param name="ItemsFrom">Where the items were read, in words.</param>
internal sealed record ShopData(IDataView Items, InteractionsTable Interactions, string ItemsFrom)
{
    /// <summary>Of a folder in one of the layouts that this repository's programs read.</summary>
    public static ShopData OfFolder(MLContext mlContext, string path)
    {
        var folder = new DataFolder(mlContext, path);
        return new(
            folder.Items,
            new InteractionsTable(folder.Interactions, HasTimes: true, $"interactions of {folder.InteractionsFile}"),
            $"items of {folder.ItemsFile}"
        );
    }
}
