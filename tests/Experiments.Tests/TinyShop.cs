using Ssna.MLNet.Testing;

namespace Experiments.Tests;

/// <summary>A data folder in the examples' layout, and an encoder that knows its words.</summary>
internal static class TinyShop
{
    public const int Items = 8;
    public const int Users = 30;

    /// <summary>Eight items of one word each, and users who walk along them.</summary>
    public static TemporaryFolder Write()
    {
        var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["encoder"]);
        File.WriteAllLines(
            folder["items.tsv"],
            ["item\ttext", .. Enumerable.Range(0, Items).Select(i => $"{i + 1}\t{TinyEncoder.Words[i]}")]
        );
        File.WriteAllLines(
            folder["interactions.tsv"],
            [
                "user\titem\torder",
                .. from user in Enumerable.Range(0, Users)
                from step in Enumerable.Range(0, 5)
                select $"{user + 1}\t{((user + step) % Items) + 1}\t{step + 1}",
            ]
        );
        return folder;
    }
}
