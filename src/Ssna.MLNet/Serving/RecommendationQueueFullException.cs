namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// More requests wait than a <see cref="RecommendationBatcher"/> keeps: the one that is given this was not taken, and may be asked
/// again later. A web service answers 503.
/// </summary>
public sealed class RecommendationQueueFullException : InvalidOperationException
{
    internal RecommendationQueueFullException(int capacity)
        : base($"Expected room for a request, found {capacity} waiting, as many as the queue holds.") { }
}
