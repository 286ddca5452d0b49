using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace Microsoft.ML;

/// <summary>Model selection for the sequential recommender, among ML.NET's recommendation trainers.</summary>
public static class SsnaGridSearchCatalog
{
    /// <summary>
    /// Create <see cref="Trainers.Recommender.SsnaGridSearch"/>, which trains <see cref="SsnaTrainer"/> with every
    /// combination of values and keeps the best by validation Recall@10.
    /// </summary>
    /// <param name="trainers">The recommendation trainers.</param>
    /// <param name="trainer">The settings that all trials share.</param>
    /// <param name="axes">What varies.</param>
    /// <exception cref="ArgumentException">A setting is missing or out of its range, at any point; the message names it.</exception>
    public static SsnaGridSearch SsnaGridSearch(
        this TrainCatalogBase.CatalogInstantiatorBase trainers,
        SsnaTrainer.Options trainer,
        params IReadOnlyList<SsnaSearchAxis> axes
    ) => trainers.SsnaGridSearch(new SsnaGridSearch.Options { Trainer = trainer, Axes = axes });

    /// <summary>Create <see cref="Trainers.Recommender.SsnaGridSearch"/> with all its options.</summary>
    /// <param name="trainers">The recommendation trainers.</param>
    /// <param name="options">The options; later changes to them do not reach the search.</param>
    /// <exception cref="ArgumentException">A setting is missing or out of its range, at any point; the message names it.</exception>
    public static SsnaGridSearch SsnaGridSearch(
        this TrainCatalogBase.CatalogInstantiatorBase trainers,
        SsnaGridSearch.Options options
    ) => new(CatalogUtils.GetEnvironment(trainers), options);
}
