using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiveShop.Training;

/// <summary>The two tables of a data folder.</summary>
internal static class ShopTables
{
    /// <summary>What is sold: Item, Text.</summary>
    public static IDataView Items(MLContext mlContext, string folder) =>
        mlContext.Data.LoadFromTextFile(
            Existing(folder, "items.tsv"),
            [new("Item", DataKind.String, 0), new("Text", DataKind.String, 1)],
            hasHeader: true
        );

    /// <summary>Who took what, and when: User, Item, Time, which is a date or a number.</summary>
    public static IDataView Interactions(MLContext mlContext, string folder)
    {
        string path = Existing(folder, "interactions.tsv");
        string time = File.ReadLines(path).Skip(1).FirstOrDefault()?.Split('\t').ElementAtOrDefault(2) ?? "";
        bool number = long.TryParse(time, NumberStyles.Integer, CultureInfo.InvariantCulture, out _);
        return mlContext.Data.LoadFromTextFile(
            path,
            [
                new("User", DataKind.String, 0),
                new("Item", DataKind.String, 1),
                new("Time", number ? DataKind.Int64 : DataKind.DateTime, 2),
            ],
            hasHeader: true
        );
    }

    private static string Existing(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"--data: expected a folder with '{file}', found no '{path}'.", path);
    }
}
