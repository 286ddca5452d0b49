using Experiments.Runs;
using Experiments.Statistics;

namespace Experiments.Reports;

/// <summary>What a method's lists hold.</summary>
/// <param name="Protocol">Which items they are made of.</param>
/// <param name="Cutoff">Their length.</param>
/// <param name="Coverage">The share of the catalogue that stands in some list.</param>
/// <param name="Diversity">How unlike the items of a list are by the method's own embeddings; null where it has none.</param>
internal sealed record ListReport(Protocol Protocol, int Cutoff, ListFigure Coverage, ListFigure? Diversity)
{
    /// <summary>The lists of a method's runs.</summary>
    public static IReadOnlyList<ListReport> Of(IReadOnlyList<TestRanks> tests) =>
        [
            .. tests[0]
                .Lists.Select(
                    (list, i) =>
                    {
                        ListFigures[] runs = [.. tests.Select(test => test.Lists[i])];
                        return new ListReport(
                            list.Protocol,
                            list.Cutoff,
                            ListFigure.Of([.. runs.Select(run => run.Coverage)]),
                            list.Diversity is null ? null : ListFigure.Of([.. runs.Select(run => run.Diversity!)])
                        );
                    }
                ),
        ];
}

/// <summary>One figure of the lists.</summary>
/// <param name="Value">Over the seeds.</param>
/// <param name="StandardError">Of one seed's figure, over other users: the seeds' mean.</param>
internal sealed record ListFigure(Spread Value, double StandardError)
{
    public static ListFigure Of(IReadOnlyList<SureFigure> seeds) =>
        new(Sample.Spread([.. seeds.Select(seed => seed.Value)]), seeds.Average(seed => seed.StandardError));
}
