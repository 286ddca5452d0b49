namespace Microsoft.ML.Trainers.Recommender;

/// <summary>One point of a search, trained and validated.</summary>
/// <param name="Point">The value of each axis, as text.</param>
/// <param name="Epochs">The epochs that were trained.</param>
/// <param name="BestEpoch">The epoch with the best validation Recall@10; 0 where training failed.</param>
/// <param name="ValidationRecallAt10">That epoch's Recall@10 on the validation cases, whole catalogue; NaN where training failed.</param>
/// <param name="ValidationNdcgAt10">Its NDCG@10 likewise.</param>
/// <param name="Duration">The time of training and validation; reading the items is not part of it.</param>
/// <param name="Failure">Why training failed (its loss was no number any more), or null.</param>
public sealed record SsnaSearchTrial(
    IReadOnlyDictionary<string, string> Point,
    int Epochs,
    int BestEpoch,
    double ValidationRecallAt10,
    double ValidationNdcgAt10,
    TimeSpan Duration,
    string? Failure
);

/// <summary>What a search reports after each trial that it has run.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Best">The best trial so far, or null while all have failed.</param>
/// <param name="Finished">The points that are finished, in this call or an earlier one.</param>
/// <param name="Total">The points of the search.</param>
public sealed record SsnaSearchProgress(SsnaSearchTrial Trial, SsnaSearchTrial? Best, int Finished, int Total);
