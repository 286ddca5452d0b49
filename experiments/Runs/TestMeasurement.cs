using Experiments.Configuration;
using Experiments.Statistics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Experiments.Runs;

/// <summary>Ranks the wanted item of every test case, in the groups that the run's data ask for.</summary>
internal sealed class TestMeasurement(
    MLContext mlContext,
    ExperimentData data,
    MethodSettings method,
    Func<IDataView, IDataView> score,
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
        ItemRankingMetrics metrics = mlContext
            .Recommendation()
            .EvaluateRanking(scored, cutoffs: s_cutoffs, cancellationToken: cancellation);
        return new(metrics.CatalogueSize, metrics.All.Ranks, metrics.ExcludeSeen!.Ranks, metrics.RepeatedTargets);
    }

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
