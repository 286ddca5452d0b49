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
    /// <param name="DuringWrites">Those of them that left a file half-written, or a checkpoint with one of its two files.</param>
    /// <param name="Trainings">Trainings that came to their end.</param>
    /// <param name="Different">What differs from the unbroken training's model, entry by entry.</param>
    public sealed record Result(int Kills, int DuringWrites, int Trainings, IReadOnlyList<string> Different)
    {
        public override string ToString() =>
            $"{Kills} kills, {DuringWrites} of them during a write; {Trainings} trainings, {Different.Count} entries that differ";
    }

    /// <summary>Kills until there were enough.</summary>
    /// <param name="kills">The kills in all; the last training is brought to its end.</param>
    /// <param name="each">Those of one training at most.</param>
    /// <param name="seed">Decides the moments.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="ended">Told how it stands whenever a training has come to its end.</param>
    public static Result Run(int kills, int each, int seed, string folder, Action<Result>? ended = null)
    {
        string whole = Path.Combine(folder, "whole.zip");
        TimeSpan time;
        using (Process unbroken = Start(whole, ""))
        {
            long start = Stopwatch.GetTimestamp();
            End(unbroken);
            time = Stopwatch.GetElapsedTime(start);
        }
        var random = new Random(seed);
        var different = new List<string>();
        var result = new Result(0, 0, 0, different);
        while (result.Kills < kills)
        {
            string zip = Path.Combine(folder, $"{result.Trainings}.zip");
            string checkpoints = Path.Combine(folder, $"{result.Trainings}");
            for (int left = Math.Min(each, kills - result.Kills); ; left--)
            {
                using Process process = Start(zip, checkpoints);
                // Checkpoints take time too.
                if (left == 0 || process.WaitForExit(random.Next((int)(1.2 * time.TotalMilliseconds))))
                {
                    End(process);
                    break;
                }
                process.Kill();
                process.WaitForExit();
                bool writing = IsHalfWritten(folder) || (Directory.Exists(checkpoints) && IsHalfWritten(checkpoints));
                result = result with
                {
                    Kills = result.Kills + 1,
                    DuringWrites = result.DuringWrites + (writing ? 1 : 0),
                };
            }
            result = result with { Trainings = result.Trainings + 1 };
            different.AddRange(Differences(whole, zip).Select(entry => $"training {result.Trainings}: {entry}"));
            foreach (string file in Directory.GetFiles(folder).Except([whole]))
            {
                File.Delete(file);
            }
            ended?.Invoke(result);
        }
        return result;
    }

    // Of a process that has died: the next one deletes what it left before it trains.
    private static bool IsHalfWritten(string folder)
    {
        string[] files = Directory.GetFiles(folder);
        return files.Any(file => Path.GetExtension(file) == ".partial")
            || files.Any(file =>
                Path.GetExtension(file) == ".safetensors" && !files.Contains(Path.ChangeExtension(file, ".json"))
            );
    }

    // Back when it begins to train.
    private static Process Start(string zip, string checkpoints)
    {
        Process process = Process.Start(
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
        _ = process.StandardOutput.ReadLine();
        return process;
    }

    private static void End(Process process)
    {
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(process.StandardError.ReadToEnd());
        }
    }

    /// <summary>The entries of two saved models that differ in more than recorded times.</summary>
    public static IEnumerable<string> Differences(string expected, string found)
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
