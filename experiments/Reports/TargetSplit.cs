using Experiments.Runs;
using Experiments.Statistics;

namespace Experiments.Reports;

/// <summary>A method's figures over all items, apart for wanted items that the user had taken before and for new ones.</summary>
/// <param name="RepeatedCount">Test cases whose item stands in the history.</param>
/// <param name="NewCount">The others.</param>
/// <param name="Repeated">The figures of the former by the measures' names, over the seeds.</param>
/// <param name="New">Those of the latter.</param>
internal sealed record TargetSplit(
    int RepeatedCount,
    int NewCount,
    IReadOnlyDictionary<string, Spread> Repeated,
    IReadOnlyDictionary<string, Spread> New
)
{
    /// <summary>The split of a method's runs over the same cases; null where they do not tell, or one side of it has no case.</summary>
    /// <param name="tests">The ranks of each run, or null where it did not measure them.</param>
    public static TargetSplit? Of(TestRanks?[] tests)
    {
        if (Array.Exists(tests, test => test?.Repeated is null))
        {
            return null;
        }
        int repeated = tests[0]!.Repeated!.Count(isRepeated => isRepeated);
        int fresh = tests[0]!.Repeated!.Count - repeated;
        return repeated == 0 || fresh == 0
            ? null
            : new(repeated, fresh, Figures(isRepeated => isRepeated), Figures(isRepeated => !isRepeated));

        Dictionary<string, Spread> Figures(Func<bool, bool> counts) =>
            Measure.All.ToDictionary(
                measure => measure.Name,
                measure =>
                    Sample.Spread([
                        .. tests.Select(test => measure.Of([.. test!.All.Where((_, i) => counts(test.Repeated![i]))])),
                    ])
            );
    }
}
