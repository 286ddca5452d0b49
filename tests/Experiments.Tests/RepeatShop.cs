using Ssna.MLNet.Testing;

namespace Experiments.Tests;

/// <summary>A data folder whose users are those of <see cref="RepeatSequences"/>.</summary>
internal static class RepeatShop
{
    public const int Items = 60;
    public const int Users = 400;

    public static TemporaryFolder Write()
    {
        var folder = new TemporaryFolder();
        TinyEncoder.Write(folder["encoder"]);
        int words = TinyEncoder.Words.Count;
        File.WriteAllLines(
            folder["items.tsv"],
            [
                "item\ttext",
                .. Enumerable
                    .Range(0, Items)
                    .Select(i => $"{i}\t{TinyEncoder.Words[i / words]} {TinyEncoder.Words[i % words]}"),
            ]
        );
        File.WriteAllLines(
            folder["interactions.tsv"],
            [
                "user\titem\torder",
                .. RepeatSequences
                    .Users(Users, Items)
                    .SelectMany((items, user) => items.Select((item, place) => $"{user}\t{item}\t{place}")),
            ]
        );
        return folder;
    }
}
