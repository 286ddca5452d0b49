using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Ssna.MLNet.Testing;

/// <summary>Trainings whose process is killed at random moments, until they end: each has to give what an unbroken one does.</summary>
public static class KilledTrainings
{
    // What a clock says, and what hashes it.
    private static readonly string[] s_times = ["TrainingTime", "ValidationTime", "SequencesPerSecond", "Duration"];
    private static readonly string[] s_hashes = ["Model.key", "Checksums.json"];

    /// <param name="Kills">Processes that were killed while they were training or saving.</param>
    /// <param name="Trainings">Trainings that came to their end.</param>
    /// <param name="Different">What differs from the unbroken training's model, entry by entry.</param>
    public sealed record Result(int Kills, int Trainings, IReadOnlyList<string> Different);

    /// <summary>Kills until there were enough.</summary>
    /// <param name="kills">The kills at least; the last training is brought to its end.</param>
    /// <param name="seed">Decides the moments.</param>
    /// <param name="folder">An empty folder.</param>
    public static Result Run(int kills, int seed, string folder)
    {
        string whole = Path.Combine(folder, "whole.zip");
        TimeSpan time = TimeOf(() => Start(whole, "").WaitForExit());
        var random = new Random(seed);
        var different = new List<string>();
        int killed = 0;
        int trainings = 0;
        while (killed < kills)
        {
            string zip = Path.Combine(folder, $"{trainings}.zip");
            string checkpoints = Path.Combine(folder, $"{trainings}");
            while (true)
            {
                using Process process = Start(zip, checkpoints);
                // From the line that it prints before training.
                _ = process.StandardOutput.ReadLine();
                if (killed >= kills || process.WaitForExit(random.Next((int)(0.8 * time.TotalMilliseconds))))
                {
                    process.WaitForExit();
                    if (process.ExitCode != 0)
                    {
                        throw new InvalidOperationException(process.StandardError.ReadToEnd());
                    }
                    break;
                }
                process.Kill();
                process.WaitForExit();
                killed++;
            }
            trainings++;
            different.AddRange(Differences(whole, zip).Select(entry => $"training {trainings}: {entry}"));
            File.Delete(zip);
        }
        return new(killed, trainings, different);
    }

    private static Process Start(string zip, string checkpoints) =>
        Process.Start(
            new ProcessStartInfo("dotnet")
            {
                ArgumentList =
                {
                    Path.Combine(FreshProcess.Folder, "Ssna.MLNet.FreshProcess.dll"),
                    "train",
                    zip,
                    checkpoints,
                },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;

    private static TimeSpan TimeOf(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start);
    }

    private static IEnumerable<string> Differences(string expected, string found)
    {
        Dictionary<string, byte[]> one = Entries(expected);
        Dictionary<string, byte[]> other = Entries(found);
        return one
            .Keys.Union(other.Keys)
            .Where(name => !s_hashes.Contains(name.Split('/')[^1]))
            .Where(name =>
                !one.TryGetValue(name, out byte[]? mine)
                || !other.TryGetValue(name, out byte[]? theirs)
                || !mine.AsSpan().SequenceEqual(theirs)
            );
    }

    private static Dictionary<string, byte[]> Entries(string zip)
    {
        using ZipArchive archive = ZipFile.OpenRead(zip);
        return archive.Entries.ToDictionary(
            entry => entry.FullName,
            entry =>
            {
                using Stream stream = entry.Open();
                using var content = new MemoryStream();
                stream.CopyTo(content);
                return entry.Name == "Settings.json" ? WithoutTimes(content.ToArray()) : content.ToArray();
            }
        );
    }

    private static byte[] WithoutTimes(byte[] settings)
    {
        JsonNode json = JsonNode.Parse(settings)!;
        JsonObject training = json["Training"]!.AsObject();
        foreach (JsonObject part in training["Epochs"]!.AsArray().Select(epoch => epoch!.AsObject()).Append(training))
        {
            foreach (string name in s_times)
            {
                part.Remove(name);
            }
        }
        return System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}
