using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Hosting;

/// <summary>
/// The model that serves at the moment, kept until the lease is disposed of: for callers who ask one model several things.
/// </summary>
public sealed class ModelLease : IDisposable
{
    private readonly Runtime.Lifetime.Use _use;

    internal ModelLease(ServedModel served)
    {
        _use = served.Hold();
        (Model, Batcher, LoadedAt) = (served.Model, served.Batcher, served.LoadedAt);
    }

    /// <summary>The model. It belongs to the recommender: do not dispose of it.</summary>
    public SsnaTransformer Model { get; }

    /// <summary>Scores requests to this model together. It belongs to the recommender as well.</summary>
    public RecommendationBatcher Batcher { get; }

    /// <summary>When the model's file was loaded.</summary>
    public DateTimeOffset LoadedAt { get; }

    /// <summary>Ends the lease. A model that was replaced goes with the last of its leases. Any number of times.</summary>
    public void Dispose() => _use.Dispose();
}
