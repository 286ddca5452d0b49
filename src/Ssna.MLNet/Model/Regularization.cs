using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Model;

/// <summary>What noise the parts of a model add while they are trained.</summary>
/// <param name="FeatureDropout">Dropout of features before the projection heads.</param>
/// <param name="RoutingNoiseFloor">Added to the standard deviation of the routing noise.</param>
/// <param name="Dropout">Dropout of the sequence model.</param>
internal sealed record Regularization(float FeatureDropout, float RoutingNoiseFloor, float Dropout)
{
    public static readonly Regularization None = new(0, 0, 0);

    public static Regularization Of(SsnaTrainer.Options options) =>
        new(options.FeatureDropout, options.RoutingNoiseFloor, options.Dropout);
}
