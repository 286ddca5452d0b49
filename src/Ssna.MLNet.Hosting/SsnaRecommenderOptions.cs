using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Hosting;

/// <summary>Where a <see cref="SsnaRecommender"/> has its model from, and how it serves it.</summary>
public sealed class SsnaRecommenderOptions
{
    /// <summary>The model's .zip, as <see cref="SsnaTransformer.Save(string)"/> writes it; required.</summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// Where models are loaded: its <see cref="MLContext.GpuDeviceId"/> says on what they compute. A new one by default. Its log
    /// goes to the recommender's logger.
    /// </summary>
    public MLContext MLContext { get; set; } = new();

    /// <summary>
    /// What is done to every model that is loaded before it serves, such as <c>model => model.WithItemPrecision(ItemPrecision.Int8)</c>
    /// or adding items that the file lacks. May give back the model it was given; if it gives another, the one given is disposed of.
    /// Null, the default, for nothing.
    /// </summary>
    public Func<SsnaTransformer, SsnaTransformer>? Prepare { get; set; }

    /// <summary>
    /// How often the file is looked at: a new one serves once it has been the same for two looks. One second by default;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for never.
    /// </summary>
    /// <remarks>Looked at rather than watched, as changes behind mounts of containers and network drives raise no events.</remarks>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most requests that are scored together: see <see cref="RecommendationBatcher"/>. 256 by default.</summary>
    public int MaximumBatchSize { get; set; } = 256;

    /// <summary>The most requests that wait to be scored; further ones are refused. 1,024 by default.</summary>
    public int QueueCapacity { get; set; } = 1024;

    /// <exception cref="ArgumentException">A setting is missing or out of its range.</exception>
    internal void Check()
    {
        if (string.IsNullOrEmpty(Path))
        {
            throw new ArgumentException("Path: expected the path of a model's .zip, found none.");
        }
        if (MLContext is null)
        {
            throw new ArgumentException("MLContext: expected a context, found null.");
        }
        if (ReloadInterval <= TimeSpan.Zero && ReloadInterval != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException(
                $"ReloadInterval: expected more than zero, or Timeout.InfiniteTimeSpan, found {ReloadInterval}."
            );
        }
        if (MaximumBatchSize < 1 || QueueCapacity < 1)
        {
            throw new ArgumentException(
                "MaximumBatchSize and QueueCapacity: expected at least 1 each, found "
                    + $"{MaximumBatchSize} and {QueueCapacity}."
            );
        }
    }
}
