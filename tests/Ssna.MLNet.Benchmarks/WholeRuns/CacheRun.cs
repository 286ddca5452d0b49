using System.CommandLine;
using System.Diagnostics;
using Ssna.MLNet.Features;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>What the index of a folder of extracted layers takes: the time to open it, memory, and the time to find a text.</summary>
internal static class CacheRun
{
    private const int Floats = 4; // of a text: the index does not know them
    private const int AtOnce = 4096;
    private const int Found = 20_000;

    public static System.CommandLine.Command Command()
    {
        var texts = new Option<int>("--texts") { DefaultValueFactory = _ => 10_000_000 };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var command = new System.CommandLine.Command("cache", "Opens a generated folder of extracted layers.")
        {
            texts,
            json,
        };
        command.SetAction(arguments =>
        {
            var results = new Results("cache");
            Run(arguments.GetValue(texts), results);
            results.Write(arguments.GetValue(json));
        });
        return command;
    }

    private static void Run(int texts, Results results)
    {
        using var folder = new TemporaryFolder();
        results.Add("texts", texts, "");
        Write(folder.Path, texts);
        Measure("with the files of keys", folder.Path, texts, results);
        foreach (string file in Directory.GetFiles(folder.Path, "*.keys"))
        {
            File.Delete(file);
        }
        Measure("key by key from the records", folder.Path, texts, results);
    }

    private static void Write(string folder, int texts)
    {
        LayerCache cache = Open(folder);
        for (int from = 0; from < texts; from += AtOnce)
        {
            int[] some = [.. Enumerable.Range(from, Math.Min(AtOnce, texts - from))];
            cache.Add(Array.ConvertAll(some, Key), Array.ConvertAll(some, text => new float[Floats]));
        }
    }

    private static void Measure(string how, string folder, int texts, Results results)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        LayerCache cache = Open(folder);
        long start = Stopwatch.GetTimestamp();
        cache.Refresh();
        results.Add($"opened {how}", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        double bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        results.Add("memory of the index, a text", bytes / texts, "bytes");
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Found; i++)
        {
            if (cache.Find(Key((int)((long)i * texts / Found))) is null)
            {
                throw new InvalidOperationException($"Text {i} was not found.");
            }
        }
        results.Add("a text found and read", Stopwatch.GetElapsedTime(start).TotalMicroseconds / Found, "us");
        GC.KeepAlive(cache);
    }

    private static LayerCache Open(string folder) =>
        new(folder, new byte[32], Floats, warning => throw new InvalidOperationException(warning));

    private static TextKey Key(int text) => TextKey.Of($"text {text}");
}
