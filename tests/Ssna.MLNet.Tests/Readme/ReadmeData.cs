using System.Globalization;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Readme;

/// <summary>The files that README's examples name: QuickStart's sample, cut to a size that trains in seconds.</summary>
internal static class ReadmeData
{
    private const int Users = 120;

    public static TemporaryFolder Create()
    {
        var folder = new TemporaryFolder();
        string quickStart = Path.Combine(SharedFolder.Checkout, "examples", "QuickStart");
        File.Copy(Path.Combine(quickStart, "sample", "items.tsv"), folder["items.tsv"]);

        string[] interactions = File.ReadAllLines(Path.Combine(quickStart, "sample", "interactions.tsv"));
        HashSet<string> users = [.. interactions.Skip(1).Select(User).Distinct().Take(Users)];
        File.WriteAllLines(
            folder["interactions.tsv"],
            interactions.Where((line, index) => index == 0 || users.Contains(User(line)))
        );

        Copy(Path.Combine(quickStart, "encoder"), folder["encoder"]);
        FillCache(folder["models", "models--sentence-transformers--all-MiniLM-L6-v2"], folder["encoder"]);
        return folder;
    }

    // The hub's cache, with an encoder for the model that README names.
    private static void FillCache(string repository, string encoder)
    {
        const string Commit = "0123456789abcdef0123456789abcdef01234567";
        Copy(encoder, Path.Combine(repository, "snapshots", Commit));
        Directory.CreateDirectory(Path.Combine(repository, "refs"));
        File.WriteAllText(Path.Combine(repository, "refs", "main"), Commit);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    /// <summary>The same tables separated by commas, with times in epoch seconds and texts in two quoted columns.</summary>
    public static void AddCommaSeparated(TemporaryFolder folder)
    {
        File.WriteAllLines(
            folder["events.csv"],
            File.ReadLines(folder["interactions.tsv"])
                .Select(line => line.Split('\t'))
                .Select((cells, row) => row == 0 ? "User,Item,Time" : $"{cells[0]},{cells[1]},{Seconds(cells[2])}")
        );
        File.WriteAllLines(
            folder["products.csv"],
            File.ReadLines(folder["items.tsv"])
                .Select(line => line.Split('\t'))
                .Select((cells, row) => row == 0 ? "Item,Title,Genre" : $"{cells[0]},\"{cells[1]}\",\"sold, as seen\"")
        );

        static long Seconds(string time) =>
            new DateTimeOffset(DateTime.Parse(time, CultureInfo.InvariantCulture), TimeSpan.Zero).ToUnixTimeSeconds();
    }

    private static string User(string line) => line.Split('\t', 2)[0];
}
