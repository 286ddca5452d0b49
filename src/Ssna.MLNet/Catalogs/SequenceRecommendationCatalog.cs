using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What <see cref="ItemRankingCatalog.Recommendation"/> gives: the trainers and evaluators of recommenders.</summary>
public sealed class SequenceRecommendationCatalog : TrainCatalogBase
{
    internal SequenceRecommendationCatalog(IHostEnvironment environment)
        : base(environment, "Recommendation") => Trainers = new(this);

    /// <summary>The trainers.</summary>
    public RecommendationTrainers Trainers { get; }

    /// <summary>The trainers of recommenders; each is an extension method.</summary>
    public sealed class RecommendationTrainers : CatalogInstantiatorBase
    {
        internal RecommendationTrainers(SequenceRecommendationCatalog catalog)
            : base(catalog) { }
    }
}
