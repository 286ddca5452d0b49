using Experiments.Runs;
using Experiments.Statistics;

namespace Experiments.Reports;

/// <summary>A method's figures on test cases that have something in common.</summary>
/// <param name="Split">What cases are split by: see <see cref="Splits"/>.</param>
/// <param name="Name">What these have in common.</param>
/// <param name="CaseCount">How many there are.</param>
/// <param name="Items">The items of the catalogue that are of the group; null where groups are not of items.</param>
/// <param name="Figures">Every measure by either protocol; none where there are no cases.</param>
internal sealed record GroupReport(
    string Split,
    string Name,
    int CaseCount,
    int? Items,
    IReadOnlyList<GroupFigure> Figures
)
{
    public GroupFigure Figure(Protocol protocol, Measure measure) =>
        Figures.First(figure => figure.Protocol == protocol && figure.Measure == measure.Name);

    /// <summary>The groups of a method's runs over the same cases.</summary>
    public static IReadOnlyList<GroupReport> Of(IReadOnlyList<TestRanks> tests)
    {
        // The cases, and what was trained on, are the same in all runs, so their groups are.
        TestGroup[] groups = [.. tests[0].Groups];
        List<GroupFigure>[] figures = [.. groups.Select(_ => new List<GroupFigure>())];
        foreach (Protocol protocol in Enum.GetValues<Protocol>())
        {
            foreach (Measure measure in Measure.All)
            {
                double[] means = CaseMeans.Of(tests, protocol, measure);
                for (int i = 0; i < groups.Length; i++)
                {
                    IReadOnlyList<int> cases = groups[i].Cases;
                    if (cases.Count > 0)
                    {
                        figures[i]
                            .Add(
                                new(
                                    protocol,
                                    measure.Name,
                                    Sample.Spread([
                                        .. tests.Select(test =>
                                            measure.Of([.. cases.Select(row => test.Of(protocol)[row])])
                                        ),
                                    ]),
                                    Sample.StandardError([.. cases.Select(row => means[row])])
                                )
                            );
                    }
                }
            }
        }
        return
        [
            .. groups.Select(
                (group, i) => new GroupReport(group.Split, group.Name, group.Cases.Count, group.Items, figures[i])
            ),
        ];
    }
}

/// <summary>One figure of a group.</summary>
/// <param name="Protocol">Which items compete.</param>
/// <param name="Measure">The name of the <see cref="Statistics.Measure"/>.</param>
/// <param name="Value">Over the seeds.</param>
/// <param name="StandardError">Of the mean over the seeds, over other users; null of one case.</param>
internal sealed record GroupFigure(Protocol Protocol, string Measure, Spread Value, double? StandardError);
