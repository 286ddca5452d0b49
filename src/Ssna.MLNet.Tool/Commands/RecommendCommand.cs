using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Tool.Reports;
using Ssna.MLNet.Tool.Tables;
using Tools;

namespace Ssna.MLNet.Tool.Commands;

/// <summary><c>ssna recommend</c>.</summary>
internal static class RecommendCommand
{
    /// <summary>Items of the history that are named beside a recommendation.</summary>
    private const int Reasons = 2;

    /// <summary>Users who are recommended to before their recommendations are written.</summary>
    private const int UsersAtOnce = 4096;

    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        var history = new Option<string[]>("--history")
        {
            Description =
                "What a user took, the oldest first, parted by commas; \"\" for somebody who took nothing yet.",
            HelpName = "ITEMS",
            CustomParser = result => Lists.Split(result.Tokens),
        };
        var interactions = new InteractionsOptions("each of its users is recommended to.");
        Option<int> count = CommonOptions.Count("Recommendations at most.");
        var includeHistory = new Option<bool>("--include-history")
        {
            Description = "Recommend what the user took already, too, as where things are bought again.",
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description =
                "With --interactions, where recommendations are written: .csv or .tsv (user, rank, item, score) or .jsonl. "
                + "Default: standard output, as CSV or with --json as JSON lines.",
            HelpName = "FILE",
        };
        var parts = new PartOptions("the users of --interactions, each with a file of its own");
        var items = new ItemsOptions("with --history, its texts are shown.");
        Option<bool> json = CommonOptions.Json();
        var command = new CommandWithExamples(
            "recommend",
            "Says what users are likely to take next.",
            """
            ssna recommend shop.zip --history A1000,A1024 -k 5
            ssna recommend shop.zip --history A1000,A1024 --items items.csv
            ssna recommend shop.zip --interactions clicks.csv --output recommendations.csv
            ssna recommend shop.zip --interactions clicks.csv --json > recommendations.jsonl
            ssna recommend shop.zip --interactions clicks.csv --output recommendations.csv --parts 16 --part 3
            """
        )
        {
            model,
            history,
            count,
            includeHistory,
        };
        interactions.AddTo(command);
        command.Add(output);
        parts.AddTo(command);
        items.AddTo(command);
        command.Add(json);
        command.Validators.Add(result =>
        {
            bool isOne = result.GetResult(history) is not null;
            if (isOne == result.GetValue(interactions.File) is not null)
            {
                result.AddError("Expected --history or --interactions.");
            }
            if (isOne && result.GetValue(output) is not null)
            {
                result.AddError("--output: expected together with --interactions, found --history.");
            }
            if (result.GetValue(parts.Parts) > 1 && result.GetValue(output) is null)
            {
                result.AddError($"{parts.Parts.Name}: expected together with --output, found it alone.");
            }
            if (!isOne && result.GetValue(items.File) is not null)
            {
                result.AddError("--items: expected together with --history, found --interactions.");
            }
        });
        ModelWork.Run(
            command,
            model,
            json,
            work =>
            {
                ParseResult arguments = work.Arguments;
                int k = arguments.GetValue(count);
                bool excludeHistory = !arguments.GetValue(includeHistory);
                if (interactions.Read(work.MLContext, arguments) is { } table)
                {
                    work.Terminal.Say($"Reading {table.From}.");
                    IDataView users = table.Group(work.MLContext, work.Cancellation);
                    new Many(work, users, k, excludeHistory, parts.Of(arguments)).Run(arguments.GetValue(output));
                }
                else
                {
                    var texts = new ItemTexts(items.Read(arguments));
                    RecommendReport report = One(work.Model, arguments.GetValue(history)!, k, excludeHistory, texts);
                    work.Terminal.Show(report, to => Show(to, report));
                }
            }
        );
        return command;
    }

    private static RecommendReport One(
        SsnaTransformer model,
        string[] history,
        int k,
        bool excludeHistory,
        ItemTexts texts
    )
    {
        IReadOnlyList<ScoredItem<string>> best = model.Recommend(history, k, excludeHistory: excludeHistory);
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> nearest = model.GetNearestInHistory(
            best.Select(scored => scored.Item),
            history,
            Reasons
        );
        return new(
            [
                .. best.Zip(
                    nearest,
                    (scored, near) =>
                        new RecommendedItem(
                            scored.Item,
                            scored.Score,
                            texts[scored.Item],
                            [.. near.Select(item => item.Item)]
                        )
                ),
            ],
            [.. history.Where(item => !model.Contains(item)).Distinct()]
        );
    }

    private static void Show(Terminal terminal, RecommendReport report)
    {
        if (report.UnknownItems.Count > 0)
        {
            terminal.Say($"The model does not know {string.Join(", ", report.UnknownItems)}.");
        }
        ItemTable.Show(terminal, report.Items);
    }

    /// <summary>Recommends to many users.</summary>
    private sealed record Many(
        ModelWork Work,
        IDataView Users,
        int Count,
        bool ExcludeHistory,
        (int Part, int Parts) Share
    )
    {
        public void Run(string? path)
        {
            if (path is null)
            {
                Write(Work.Terminal.Output, Work.Terminal.Json ? null : ',');
                return;
            }
            char? separator = RecommendationWriter.SeparatorOf(path);
            path = OfPart(path);
            OutputFile.Prepare(path);
            (int users, int withoutKnownItems) = (0, 0);
            OutputFile.Write(path, writer => (users, withoutKnownItems) = Write(writer, separator));
            var report = new RecommendManyReport(path, users, withoutKnownItems);
            Work.Terminal.Show(
                report,
                to =>
                    to.Show(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Recommended to {users:N0} users, {withoutKnownItems:N0} of them without an item that the model knows; "
                        ) + $"written to {path}"
                    )
            );
        }

        // recommendations.csv is recommendations-3-of-16.csv for one of the parts.
        private string OfPart(string path) =>
            Share.Parts == 1
                ? path
                : Path.ChangeExtension(path, null)
                    + string.Create(CultureInfo.InvariantCulture, $"-{Share.Part}-of-{Share.Parts}")
                    + Path.GetExtension(path);

        private (int Users, int WithoutKnownItems) Write(TextWriter to, char? separator)
        {
            var writer = new RecommendationWriter(to, separator);
            writer.WriteHeader();
            (int users, int withoutKnownItems) = (0, 0);
            foreach (
                UserRow[] rows in Work
                    .MLContext.Data.CreateEnumerable<UserRow>(Users, reuseRowObject: false)
                    .Where((_, index) => index % Share.Parts == Share.Part)
                    .Chunk(UsersAtOnce)
            )
            {
                IReadOnlyList<IReadOnlyList<ScoredItem<string>>> lists = Work.Model.RecommendMany(
                    rows.Select(row => row.Sequence),
                    Count,
                    excludeHistory: ExcludeHistory,
                    cancellationToken: Work.Cancellation
                );
                foreach ((UserRow row, IReadOnlyList<ScoredItem<string>> list) in rows.Zip(lists))
                {
                    writer.Write(
                        new(row.User, [.. list.Select(scored => new ScoredItemReport(scored.Item, scored.Score, null))])
                    );
                    users++;
                    withoutKnownItems += row.Sequence.Any(Work.Model.Contains) ? 0 : 1;
                }
            }
            return (users, withoutKnownItems);
        }
    }
}
