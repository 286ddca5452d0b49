using Experiments.Plots;
using Experiments.Runs;

namespace Experiments.Reports;

/// <summary>Tells a report in words, tables and pictures: what each command shows, and how it was measured.</summary>
internal static class ReportDocument
{
    public static Document Compose(ExperimentReport report)
    {
        (string title, IEnumerable<Block> blocks) = report.Command switch
        {
            "layers" => ("Layers", Layers(report)),
            "integration" => ("Integration of the layers", Integration(report)),
            "efficiency" => ("Efficiency", Efficiency(report)),
            "search" => ("Search", Search(report)),
            "cold" => ("Items never trained on", Cold(report)),
            _ => ("Comparison", Compare(report)),
        };
        return new($"{title}: {report.DataSet}", [.. blocks, .. Footnotes(report)]);
    }

    private static IEnumerable<Block> Compare(ExperimentReport report) =>
        [
            Protocols(report),
            .. Quality(report),
            new Heading("Cost"),
            .. Costs(report),
            new Picture(ScatterPlot.FileName, "Test Recall@10 over seconds an epoch, a point a method."),
            .. Curves,
        ];

    private static IEnumerable<Block> Layers(ExperimentReport report) =>
        [
            new Paragraph(
                "How many of the encoder's top layers get an adapter: the paper's a, and its Figure 3. There, two or more "
                    + "layers beat one, and the best is below six."
            ),
            new Picture(LayersPlot.FileName, "Test Recall@10 over the number of layers."),
            Protocols(report),
            .. Quality(report),
            new Heading("Cost"),
            .. Costs(report),
            .. Curves,
        ];

    private static IEnumerable<Block> Integration(ExperimentReport report) =>
        [
            new Paragraph(
                "How the layers' adapters become one item embedding: by a GRU from the top layer down, by their mean, or by a mean "
                    + "with learned weights. The paper's Table 8; there, the GRU is best."
            ),
            Protocols(report),
            .. Quality(report),
            .. Curves,
        ];

    private static IEnumerable<Block> Cold(ExperimentReport report)
    {
        int cold = report.Counts.Items - report.Counts.WarmItems;
        return
        [
            new Paragraph(
                $"{cold:N0} of the {report.Counts.Items:N0} items, drawn at random, were taken out of the training sequences and "
                    + "out of the catalogue that was trained with, so that no loss ever saw them, not even as negatives. After "
                    + "training they were added from their texts alone, with nothing trained again. Test cases are the users' "
                    + "last items; histories are given in full. A model of item ids has no embedding for such an item and never "
                    + "recommends it: its figures on them are 0 by construction."
            ),
            .. StandardErrors(report),
            .. Group(
                "Last items never trained on, among the whole catalogue",
                TestCases.Cold,
                "Where a new item has to stand up to all that users are known to take."
            ),
            new Picture(ColdPlot.FileName, "Recall of items never trained on, a bar a method."),
            .. Group(
                "Last items never trained on, among themselves",
                TestCases.ColdAmongCold,
                "Whether the right one of the new items is found."
            ),
            .. Group(
                "Last items trained on, among the whole catalogue",
                TestCases.Warm,
                "What the others' recommendations lose to the new items; the model of item ids ranks without them."
            ),
            .. Curves,
        ];

        IEnumerable<Block> Group(string title, string cases, string text) =>
            [
                new Heading(title),
                new Paragraph(
                    $"{CaseCount(report, cases):N0} test cases. {text} First without the history's items, then with."
                ),
                ReportTables.Quality(report, cases, Protocol.ExcludeSeen, withChance: true),
                ReportTables.Quality(report, cases, Protocol.All, withChance: true),
                new Paragraph(DifferencesText(report)),
                ReportTables.Differences(report, cases, Protocol.ExcludeSeen),
            ];
    }

    private static IEnumerable<Block> Efficiency(ExperimentReport report) =>
        [
            new Paragraph(
                "What a method takes to train: the paper's Tables 6 and 7. There, an epoch of LoRA with DistilBERT takes 14 times "
                    + "as long as SSNA's on Scientific and 22 times on Pantry."
            ),
            .. Costs(report),
            new Picture(CostPlot.FileName, "Peak memory over seconds an epoch, a point a method."),
            Protocols(report),
            .. Quality(report),
        ];

    private static IEnumerable<Block> Search(ExperimentReport report) =>
        [
            new Paragraph(
                "Every point of a method's grid is trained, the one with the best validation Recall@10 kept, and that one tested. "
                    + "Seconds in all are those of all trials, and memory is that of the last process."
            ),
            .. report.Methods.Where(method => method.Searches is not null).SelectMany(Trials),
            Protocols(report),
            .. Quality(report),
            new Heading("Cost"),
            .. Costs(report),
            .. Curves,
        ];

    private static IEnumerable<Block> Trials(MethodReport method)
    {
        yield return new Heading($"{method.Name}: trials");
        foreach ((int seed, SearchFigures search) in method.Seeds.Zip(method.Searches!))
        {
            string untried = search.Untried > 0 ? $" Time left {search.Untried} points untried." : "";
            yield return new Paragraph($"Seed {seed}: {search.Trials.Count} trials.{untried}");
            yield return ReportTables.Trials(search);
        }
    }

    private static IEnumerable<Block> Costs(ExperimentReport report)
    {
        yield return new Paragraph(
            "Seconds an epoch are the median of a run's epochs, training alone. Peak memory is that of the run's own process from "
                + "its start to the last figure, libraries included; frozen encoders' features are read from a file. Small: how "
                + $"many times {report.Reference}'s."
        );
        if (report.Methods.Any(method => method.Limit?.Steps is not null))
        {
            yield return new Paragraph(
                "Where training was ended within its first epoch, seconds an epoch are those of a whole epoch at the same pace."
            );
        }
        yield return ReportTables.Costs(report);
    }

    /// <summary>Says which figures are of methods that were hardly trained.</summary>
    private static IEnumerable<Block> Limits(ExperimentReport report)
    {
        string[] limited =
        [
            .. report
                .Methods.Where(method => method.Limit is not null)
                .Select(method => $"{method.Name} after {method.Limit}"),
        ];
        if (limited.Length > 0)
        {
            yield return new Paragraph(
                $"Ended by a limit of steps or epochs while validation could still become better: {string.Join("; ", limited)}. "
                    + "Their figures are of models that could learn more."
            );
        }
    }

    private static IEnumerable<Block> Quality(ExperimentReport report) =>
        [
            new Heading("Test figures, unseen items"),
            .. Limits(report),
            .. StandardErrors(report),
            ReportTables.Quality(report, TestCases.All, Protocol.ExcludeSeen),
            new Heading("Test figures, all items"),
            ReportTables.Quality(report, TestCases.All, Protocol.All),
            .. Groups(report),
            .. Lists(report),
            new Heading("How sure the differences are"),
            new Paragraph(DifferencesText(report) + " First over unseen items, then over all."),
            ReportTables.Differences(report, TestCases.All, Protocol.ExcludeSeen),
            ReportTables.Differences(report, TestCases.All, Protocol.All),
        ];

    private static IEnumerable<Block> StandardErrors(ExperimentReport report)
    {
        if (report.Methods.SelectMany(method => method.Figures).Any(figure => figure.StandardError is not null))
        {
            yield return new Paragraph(
                "Small: the standard error (s.e.), how far off a figure may be because other users might have been asked. Methods are "
                    + "compared on the same users, where much of that cancels: see the differences below."
            );
        }
    }

    private static IEnumerable<Block> Groups(ExperimentReport report)
    {
        GroupReport[] targets = ReportTables.GroupsOf(report, Splits.Target);
        if (targets.Length > 1)
        {
            yield return new Heading("Repeated and new targets, all items");
            yield return new Paragraph(
                $"Recall@10 of the same cases apart: {targets[0].CaseCount:N0} users took something new, {targets[1].CaseCount:N0} "
                    + "something that is in their history."
            );
            yield return ReportTables.Groups(report, Splits.Target);
        }
        if (ReportTables.GroupsOf(report, Splits.HistoryLength).Length > 1)
        {
            yield return new Heading("Length of the history, all items");
            yield return new Paragraph("Recall@10 by how many items the user's history holds.");
            yield return ReportTables.Groups(report, Splits.HistoryLength);
        }
        if (ReportTables.GroupsOf(report, Splits.Popularity).Length > 1)
        {
            yield return new Heading("Popularity of the wanted item, all items");
            yield return new Paragraph(
                "Recall@10 by how often the wanted item was taken in the training data. Head: the most popular items that together have "
                    + "20 % of the interactions; tail: the least popular that have 20 %; middle: those between (Abdollahpouri et al., "
                    + "UMAP 2021). Never trained: items that the training data did not have."
            );
            yield return ReportTables.Groups(report, Splits.Popularity);
        }
    }

    private static IEnumerable<Block> Lists(ExperimentReport report)
    {
        if (report.Methods.Any(method => method.Lists.Count > 0))
        {
            yield return new Heading("What the lists hold");
            yield return new Paragraph(
                "Coverage: the share of the catalogue that stands in somebody's list. Diversity: the mean over the pairs of a list of "
                    + "1 - the cosine of the method's own item embeddings (Smyth and McClave, 2001). What one model finds alike another "
                    + "need not: it says how wide a method's lists are by its own lights, and does not rank methods."
            );
            yield return ReportTables.Lists(report, "coverage", list => list.Coverage);
            if (report.Methods.Any(method => method.Lists.Any(list => list.Diversity is not null)))
            {
                yield return ReportTables.Lists(report, "diversity", list => list.Diversity);
            }
        }
    }

    private static Paragraph Protocols(ExperimentReport report) =>
        new(
            "Leave-one-out: each user's last item is the test, the one before it validation, the rest training; the epoch with "
                + $"the best validation Recall@10 is kept. {CaseCount(report, TestCases.All):N0} test cases, each ranked over the "
                + $"whole catalogue of {report.Counts.Items:N0} items: without the other items of the user's history (\"unseen\", "
                + "the paper's protocol), and over all items. Ties count against a method."
        );

    private static IReadOnlyList<Block> Curves { get; } =
    [
        new Heading("Validation by epoch"),
        new Picture(CurvesPlot.FileName, "Validation Recall@10 after each epoch, a line a method and seed."),
    ];

    private static string DifferencesText(ExperimentReport report) =>
        $"Each method less {report.Reference}, in [the 95 % interval] of {report.Resamples:N0} resamples of the users, the same "
        + "for all methods (paired bootstrap). Bold: the interval leaves out 0. Intervals are about users, not seeds.";

    private static IEnumerable<Block> Footnotes(ExperimentReport report)
    {
        int seeds = report.Methods.Max(method => method.Seeds.Count);
        yield return new Heading("How it was measured");
        yield return new Paragraph(
            $"{report.Counts.Users:N0} users, {report.Counts.Items:N0} items, {report.Counts.Interactions:N0} interactions; "
                + (seeds > 1 ? $"{seeds} seeds, mean ± standard deviation; " : "one seed; ")
                + $"{string.Join("; ", report.Machines)}. report.json holds every option and figure."
        );
        if (report.Machines.Count > 1)
        {
            yield return new Paragraph("The runs come from different machines: their times do not compare.");
        }
        if (report.Versions.Count > 1)
        {
            yield return new Paragraph(
                $"The runs come from different versions of the library ({string.Join(", ", report.Versions)}): their times and "
                    + "memory do not compare."
            );
        }
        foreach (string failure in report.Failures)
        {
            yield return new Paragraph($"A run failed and is missing above. {failure}");
        }
    }

    private static int CaseCount(ExperimentReport report, string cases) =>
        report.Methods[0].Figures.First(figure => figure.Cases == cases).CaseCount;
}
