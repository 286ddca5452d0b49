using Experiments.Configuration;
using Experiments.Statistics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Tools;

namespace Experiments.Runs;

/// <summary>Ranks the wanted item of every test case, in the groups that the run's data ask for.</summary>
/// <param name="mlContext">The context.</param>
/// <param name="data">The test cases.</param>
/// <param name="method">The method that is measured.</param>
/// <param name="score">Adds its scores to rows.</param>
/// <param name="model">Its model, whose embeddings tell how alike items are; null where nothing is trained.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class TestMeasurement(
    MLContext mlContext,
    ExperimentData data,
    MethodSettings method,
    Func<IDataView, IDataView> score,
    SsnaTransformer? model,
    CancellationToken cancellation
)
{
    private static readonly int[] s_cutoffs = [.. Measure.All.Select(measure => measure.Cutoff).Distinct()];

    public Dictionary<string, TestRanks> Run()
    {
        if (data.WarmTest is null || data.ColdTest is null)
        {
            return new() { [TestCases.All] = Ranks(score(data.Test)) };
        }
        bool knowsCold = method.EmbedsNewItems || !method.IsTrained;
        IDataView cold = score(data.ColdTest);
        return new()
        {
            [TestCases.Warm] = Ranks(score(data.WarmTest)),
            [TestCases.Cold] = knowsCold ? Ranks(cold) : NeverFound(data.Ids.Length),
            [TestCases.ColdAmongCold] = knowsCold
                ? Ranks(ScoredRows.Among(mlContext, cold, data.IsCold))
                : NeverFound(data.Ids.Length - data.WarmCount),
        };
    }

    private TestRanks Ranks(IDataView scored)
    {
        SequenceRecommendationCatalog catalog = mlContext.Recommendation();
        ItemRankingMetrics metrics = model is null
            ? catalog.EvaluateRanking(scored, cutoffs: s_cutoffs, cancellationToken: cancellation)
            : catalog.EvaluateRanking(scored, model, cutoffs: s_cutoffs, cancellationToken: cancellation);
        return new(metrics.CatalogueSize, metrics.All.Ranks, metrics.ExcludeSeen!.Ranks)
        {
            Groups =
            [
                .. Groups(Splits.Target, metrics.ByTarget),
                .. Groups(Splits.HistoryLength, metrics.ByHistoryLength),
                .. Groups(Splits.Popularity, metrics.ByPopularity),
            ],
            Lists = [.. Lists(Protocol.ExcludeSeen, metrics.ExcludeSeen), .. Lists(Protocol.All, metrics.All)],
        };
    }

    private static IEnumerable<TestGroup> Groups(string split, IReadOnlyList<ItemRankingGroup>? groups) =>
        (groups ?? []).Select(group => new TestGroup(split, group.Name, group.ItemCount, group.Rows));

    private IEnumerable<ListFigures> Lists(Protocol protocol, ItemRankingFigures figures) =>
        s_cutoffs.Select(cutoff => new ListFigures(
            protocol,
            cutoff,
            new(figures.CatalogueCoverage(cutoff), figures.CatalogueCoverageStandardError(cutoff)),
            model is null
                ? null
                : new(figures.IntraListDiversity(cutoff), figures.IntraListDiversityStandardError(cutoff))
        ));

    /// <summary>
    /// A model of item ids has nothing to say of an item without a row in its table: it is never recommended, in no place of
    /// however long a list.
    /// </summary>
    private TestRanks NeverFound(int catalogueSize)
    {
        int cases = mlContext.Data.CreateEnumerable<TestRow>(data.ColdTest, reuseRowObject: true).Count();
        int[] never = new int[cases];
        Array.Fill(never, int.MaxValue);
        return new(catalogueSize, never, never);
    }
}
