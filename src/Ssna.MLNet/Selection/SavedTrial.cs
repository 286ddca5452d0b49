using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Selection;

/// <summary>A trial as a search's folder holds it: see <see cref="SsnaSearchTrial"/>, which is made of it.</summary>
/// <param name="Version">The version of this layout: <see cref="PresentVersion"/> where it is written.</param>
/// <param name="Point">The value of each axis, as text.</param>
/// <param name="Epochs">The epochs that were trained.</param>
/// <param name="BestEpoch">The best one; 0 where training failed.</param>
/// <param name="ValidationRecallAt10">Its Recall@10.</param>
/// <param name="ValidationNdcgAt10">Its NDCG@10.</param>
/// <param name="Duration">The time of training and validation.</param>
/// <param name="Failure">Why training failed, or null.</param>
/// <param name="Hash">Of the trial and its search: what tells a trial that the search has run from one that was written by hand.</param>
internal sealed record SavedTrial(
    int Version,
    IReadOnlyDictionary<string, string> Point,
    int Epochs,
    int BestEpoch,
    double ValidationRecallAt10,
    double ValidationNdcgAt10,
    TimeSpan Duration,
    string? Failure,
    string Hash
)
{
    public const int PresentVersion = 1;

    /// <summary>A trial of a search.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="identity">What tells the search from others.</param>
    /// <param name="json">How it will be written.</param>
    public static SavedTrial Of(
        SsnaSearchTrial trial,
        IReadOnlyDictionary<string, string> identity,
        JsonSerializerOptions json
    )
    {
        var saved = new SavedTrial(
            PresentVersion,
            trial.Point,
            trial.Epochs,
            trial.BestEpoch,
            trial.ValidationRecallAt10,
            trial.ValidationNdcgAt10,
            trial.Duration,
            trial.Failure,
            Hash: ""
        );
        return saved with { Hash = saved.HashIn(identity, json) };
    }

    /// <summary>Whether it is as a search with that identity has written it.</summary>
    public bool IsOf(IReadOnlyDictionary<string, string> identity, JsonSerializerOptions json) =>
        Hash == (this with { Hash = "" }).HashIn(identity, json);

    public SsnaSearchTrial Trial() =>
        new(Point, Epochs, BestEpoch, ValidationRecallAt10, ValidationNdcgAt10, Duration, Failure);

    private string HashIn(IReadOnlyDictionary<string, string> identity, JsonSerializerOptions json)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, string value) in identity.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}={value}\n"));
        }
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(this, json));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
