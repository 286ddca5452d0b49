using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace OnnxServing;

/// <summary>
/// A recommender that <c>SsnaTransformer.ExportOnnx</c> has written, in ONNX Runtime: neither Ssna.MLNet nor TorchSharp is in the
/// process. Thread-safe.
/// </summary>
internal sealed class ExportedRecommender : IDisposable
{
    private const long Unknown = -1; // what is no index is skipped

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _ids;
    private readonly Dictionary<string, long> _indexes;

    /// <param name="path">The .onnx; its metadata name the id table beside it.</param>
    /// <param name="threads">Threads of one call, or null for as many as there are cores.</param>
    public ExportedRecommender(string path, int? threads = null)
    {
        using var options = new SessionOptions();
        if (threads is { } count)
        {
            options.IntraOpNumThreads = count;
        }
        _session = new InferenceSession(path, options);
        string table = _session.ModelMetadata.CustomMetadataMap["ssna.ids"];
        using FileStream stream = File.OpenRead(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, table));
        using JsonDocument ids = JsonDocument.Parse(stream);
        _ids = [.. ids.RootElement.EnumerateArray().Select(id => id.ToString())]; // texts or numbers
        _indexes = _ids.Index().ToDictionary(id => id.Item, id => (long)id.Index);
    }

    /// <summary>The best items for a user, best first.</summary>
    /// <param name="history">What the user took, oldest first. Unknown items are skipped.</param>
    /// <param name="k">How many at most.</param>
    /// <param name="excludeHistory">Whether to leave out what is in the history.</param>
    public IReadOnlyList<(string Item, float Score)> Recommend(
        IReadOnlyList<string> history,
        int k,
        bool excludeHistory = true
    )
    {
        long[] indexes = [.. history.Select(item => _indexes.GetValueOrDefault(item, Unknown)), Unknown]; // never empty
        using var input = OrtValue.CreateTensorValueFromMemory(indexes, [1, indexes.Length]);
        using var count = OrtValue.CreateTensorValueFromMemory(new long[] { k }, [1]);
        using var exclude = OrtValue.CreateTensorValueFromMemory(new[] { excludeHistory }, [1]);
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(
            _run,
            new Dictionary<string, OrtValue>
            {
                ["history"] = input,
                ["k"] = count,
                ["exclude_history"] = exclude,
            },
            ["items", "scores"]
        );
        ReadOnlySpan<long> items = outputs[0].GetTensorDataAsSpan<long>();
        ReadOnlySpan<float> scores = outputs[1].GetTensorDataAsSpan<float>();
        var best = new List<(string, float)>();
        for (int i = 0; i < items.Length && items[i] != Unknown; i++) // fewer are left than were asked for
        {
            best.Add((_ids[items[i]], scores[i]));
        }
        return best;
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
