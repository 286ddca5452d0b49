using System.CommandLine;
using Microsoft.ML;
using Ssna.MLNet.Tool.Tables;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>The options that name a file of interactions and its columns.</summary>
/// <param name="description">What the interactions are for.</param>
internal sealed class InteractionsOptions(string description)
{
    public Option<string?> File { get; } =
        new("--interactions") { Description = $"File of interactions: {description}", HelpName = "FILE" };

    public Option<string?> User { get; } =
        new("--user-column")
        {
            Description = "Its column with the user. Default: user_id, customer_id, visitor_id or the like.",
            HelpName = "NAME",
        };

    public Option<string?> Item { get; } =
        new("--item-column")
        {
            Description = "Its column with the item's id. Default: item_id, product_id, sku or the like.",
            HelpName = "NAME",
        };

    public Option<string?> Time { get; } =
        new("--time-column")
        {
            Description = "Its column with the time, numbers or dates. Default: time, timestamp, date or the like.",
            HelpName = "NAME",
        };

    public Option<bool> InOrder { get; } =
        new("--in-order") { Description = "Its rows are in the order of time; no column of times is read." };

    public void AddTo(Command command)
    {
        command.Add(File);
        command.Add(User);
        command.Add(Item);
        command.Add(Time);
        command.Add(InOrder);
        CommonOptions.OnlyTogetherWith(command, File, User, Item, Time, InOrder);
        command.Validators.Add(result =>
        {
            if (result.GetValue(InOrder) && result.GetValue(Time) is not null)
            {
                result.AddError($"Expected one of {Time.Name} and {InOrder.Name}, found both.");
            }
        });
    }

    /// <summary>The interactions; null where no file was named.</summary>
    public InteractionsTable? Read(MLContext mlContext, ParseResult arguments) =>
        arguments.GetValue(File) is { } path
            ? InteractionsTable.Read(
                mlContext,
                path,
                arguments.GetValue(User),
                arguments.GetValue(Item),
                arguments.GetValue(Time),
                arguments.GetValue(InOrder)
            )
            : null;
}
