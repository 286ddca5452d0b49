using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Selection;

/// <summary>A trial as a search's folder holds it.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Hash">Of the trial and its search: what tells a trial that the search has run from one that was written by hand.</param>
internal sealed record SavedTrial(SsnaSearchTrial Trial, string Hash)
{
    public static SavedTrial Of(
        SsnaSearchTrial trial,
        IReadOnlyDictionary<string, string> identity,
        JsonSerializerOptions json
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, string value) in identity.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}={value}\n"));
        }
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(trial, json));
        return new(trial, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
