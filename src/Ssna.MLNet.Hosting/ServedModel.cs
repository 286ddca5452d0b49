using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Hosting;

/// <summary>A model and its batcher, which go when nobody serves by them any more and the last lease has ended.</summary>
internal sealed class ServedModel
{
    private readonly Lifetime _lifetime;

    /// <param name="model">The model; taken over.</param>
    /// <param name="options">How it is served.</param>
    /// <param name="loadedAt">When its file was loaded.</param>
    public ServedModel(SsnaTransformer model, SsnaRecommenderOptions options, DateTimeOffset loadedAt)
    {
        (Model, LoadedAt) = (model, loadedAt);
        Batcher = new RecommendationBatcher(model, options.MaximumBatchSize, options.QueueCapacity);
        _lifetime = new Lifetime(
            typeof(SsnaRecommender),
            () =>
            {
                Batcher.Dispose();
                model.Dispose();
            }
        );
    }

    public SsnaTransformer Model { get; }

    public RecommendationBatcher Batcher { get; }

    public DateTimeOffset LoadedAt { get; }

    /// <exception cref="ObjectDisposedException">It serves no more.</exception>
    public Lifetime.Use Hold() => _lifetime.Begin();

    /// <summary>It serves no more; leases that there are keep it.</summary>
    public void Retire() => _lifetime.End();
}
