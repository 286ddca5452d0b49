using System.Text.Json;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Selection;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>What a search has left in its folder, read when it goes on.</summary>
internal sealed class SearchTrials() : Format("search")
{
    private static readonly Dictionary<string, string> s_identity = new() { ["Data"] = "abc", ["Options"] = "1, 2" };

    public override bool Sealed => true;

    public override bool IsChanged(string file) => file.EndsWith(".json", StringComparison.Ordinal);

    public override void Write(string folder)
    {
        using SearchFolder search = SearchFolder.Open(folder, s_identity);
        foreach (int i in Enumerable.Range(1, 2))
        {
            var point = new Dictionary<string, string> { ["LearningRate"] = $"0.0{i}", ["Dimension"] = "16" };
            string key = SearchPoint.KeyOf(point);
            search.Save(key, new SsnaSearchTrial(point, 3, 2, 0.25 * i, 0.125, TimeSpan.FromSeconds(i), null));
            File.WriteAllText(search.ModelPath(key), "a model");
        }
    }

    public override string Read(string folder)
    {
        using SearchFolder search = SearchFolder.Open(folder, s_identity);
        return JsonSerializer.Serialize(
            search.ReadTrials().Trials.OrderBy(trial => trial.Key, StringComparer.Ordinal).Select(trial => trial.Value)
        );
    }

    public override bool IsDocumented(Exception error) => error is InvalidDataException or InvalidOperationException;
}
