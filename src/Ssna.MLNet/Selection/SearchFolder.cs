using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Selection;

/// <summary>
/// Where a search keeps what it has found: what search it is in search.json, each trial in a JSON file that is named by the
/// key of its point, and the best trial's model in a zip of the same name.
/// </summary>
internal sealed class SearchFolder
{
    private const string IdentityFile = "search.json";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private readonly string _folder;

    private SearchFolder(string folder) => _folder = folder;

    /// <summary>Opens a search's folder, or makes one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="identity">What tells this search from others.</param>
    /// <exception cref="InvalidOperationException">It is another search's folder, or no search's.</exception>
    public static SearchFolder Open(string folder, IReadOnlyDictionary<string, string> identity)
    {
        string path = Path.Combine(Directory.CreateDirectory(folder).FullName, IdentityFile);
        if (!File.Exists(path))
        {
            // Nothing but what a write leaves behind that was broken off.
            if (Directory.EnumerateFileSystemEntries(folder).FirstOrDefault(entry => !IsPartial(entry)) is { } other)
            {
                throw new InvalidOperationException(
                    $"Option Folder, '{folder}': expected an empty folder or one of this search, found "
                        + $"'{Path.GetFileName(other)}' and no {IdentityFile}."
                );
            }
            WholeFile.Write(path, stream => JsonSerializer.Serialize(stream, identity, s_json));
        }
        var found = Read<Dictionary<string, string>>(path);
        foreach (string name in identity.Keys.Union(found.Keys).Order(StringComparer.Ordinal))
        {
            string here = identity.GetValueOrDefault(name, "missing");
            string there = found.GetValueOrDefault(name, "missing");
            if (here != there)
            {
                throw new InvalidOperationException(
                    $"Option Folder, '{folder}': expected trials of this search, found those of another: {name} is {there} "
                        + $"there and {here} here. Give each search a folder of its own."
                );
            }
        }
        return new SearchFolder(folder);

        static bool IsPartial(string entry) => entry.EndsWith(".partial", StringComparison.Ordinal);
    }

    /// <summary>The trials of the folder.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or the best trial's model is missing.</exception>
    public TrialRanking ReadTrials()
    {
        var ranking = new TrialRanking();
        foreach (string path in Directory.EnumerateFiles(_folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(path) == IdentityFile)
            {
                continue;
            }
            var trial = Read<SsnaSearchTrial>(path);
            string key = SearchPoint.KeyOf(trial.Point);
            if (key != Path.GetFileNameWithoutExtension(path))
            {
                throw new InvalidDataException($"'{path}': expected the trial of that key, found that of {key}.");
            }
            ranking.Add(key, trial);
        }
        if (ranking.BestKey is { } best && !File.Exists(ModelPath(best)))
        {
            throw new InvalidDataException(
                $"'{ModelPath(best)}': expected the model of the best trial, found no file. Delete '{TrialPath(best)}' to "
                    + "train it again."
            );
        }
        return ranking;
    }

    public void Save(string key, SsnaSearchTrial trial) =>
        WholeFile.Write(TrialPath(key), stream => JsonSerializer.Serialize(stream, trial, s_json));

    /// <summary>The path of the best trial's model.</summary>
    public string ModelPath(string key) => Path.Combine(_folder, $"{key}.zip");

    private string TrialPath(string key) => Path.Combine(_folder, $"{key}.json");

    private static T Read<T>(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, s_json)
                ?? throw new InvalidDataException($"'{path}' is damaged: expected an object, found null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is damaged: {e.Message}", e);
        }
    }
}
