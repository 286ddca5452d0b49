using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tool.Tests;

/// <summary>Files as a shop exports them, and an encoder that knows their words.</summary>
internal static class TinyShop
{
    public const int Items = 10;
    public const int Users = 40;

    /// <summary>Items of a word or two, and users who walk along them.</summary>
    public static TemporaryFolder Write()
    {
        var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["encoder"]);
        File.WriteAllLines(
            folder["items.csv"],
            [
                "product_id,title,brand,price",
                .. Enumerable.Range(0, Items).Select(i => $"P{i},\"{TinyEncoder.Words[i]}, round\",large,{i}.5"),
            ]
        );
        File.WriteAllLines(
            folder["clicks.csv"],
            [
                "event,customer_id,product_id,timestamp",
                .. from user in Enumerable.Range(0, Users)
                from step in Enumerable.Range(0, 5)
                select $"view,C{user},P{(user + step) % Items},{1_700_000_000 + (100 * user) + step}",
            ]
        );
        File.WriteAllLines(folder["new.csv"], ["product_id,title,brand", "N1,blue lid,small", "P3,small lid,large"]);
        return folder;
    }

    /// <summary>The command line that trains on them.</summary>
    public static string[] Train(TemporaryFolder folder, params string[] further) =>
        [
            "train",
            "--items",
            folder["items.csv"],
            "--interactions",
            folder["clicks.csv"],
            "--encoder",
            folder["encoder"],
            "--output",
            folder["shop.zip"],
            "--epochs",
            "2",
            "--dimension",
            "16",
            "--threads",
            "1",
            .. further,
        ];
}
