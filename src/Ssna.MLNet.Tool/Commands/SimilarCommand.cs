using System.CommandLine;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Tool.Reports;

namespace Ssna.MLNet.Tool.Commands;

/// <summary><c>ssna similar</c>.</summary>
internal static class SimilarCommand
{
    public static Command Create()
    {
        Argument<string> model = CommonOptions.Model();
        var item = new Argument<string>("item") { Description = "An item of the model." };
        Option<int> count = CommonOptions.Count("Items at most.");
        var items = new ItemsOptions("its texts are shown.");
        Option<bool> json = CommonOptions.Json();
        var command = new CommandWithExamples(
            "similar",
            "Says which items are nearest to an item, by the cosine of their embeddings.",
            """
            ssna similar shop.zip A1000
            ssna similar shop.zip A1000 -k 20 --items items.csv
            """
        )
        {
            model,
            item,
            count,
        };
        items.AddTo(command);
        command.Add(json);
        ModelWork.Run(
            command,
            model,
            json,
            work =>
            {
                SimilarReport report = Nearest(
                    work.Model,
                    work.Arguments.GetRequiredValue(item),
                    work.Arguments.GetValue(count),
                    new ItemTexts(items.Read(work.Arguments))
                );
                work.Terminal.Show(report, to => ItemTable.Show(to, report.Items));
            }
        );
        return command;
    }

    /// <summary>The items nearest to one.</summary>
    /// <exception cref="InvalidDataException">The model does not have it.</exception>
    public static SimilarReport Nearest(SsnaTransformer model, string item, int count, ItemTexts texts) =>
        model.Contains(item)
            ? new(
                item,
                [
                    .. model
                        .GetSimilarItems(item, count)
                        .Select(near => new ScoredItemReport(near.Item, near.Score, texts[near.Item])),
                ]
            )
            : throw new InvalidDataException(
                $"item: expected one of the {model.ItemCount} items of the model, such as '{model.GetItemIds<string>()[0]}', found '{item}'."
            );
}
