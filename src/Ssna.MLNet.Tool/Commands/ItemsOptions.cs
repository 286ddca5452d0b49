using System.CommandLine;
using Ssna.MLNet.Tool.Tables;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>The options that name a file of items and its columns.</summary>
/// <param name="description">What the items are for.</param>
internal sealed class ItemsOptions(string description)
{
    public Option<string?> File { get; } =
        new("--items") { Description = $"File of items: {description}", HelpName = "FILE" };

    public Option<string?> Id { get; } =
        new("--id-column")
        {
            Description = "Its column with the item's id. Default: item_id, product_id, sku, id or the like.",
            HelpName = "NAME",
        };

    public Option<string[]> Text { get; } =
        new("--text-columns")
        {
            Description =
                "Its columns with the item's text, parted by commas. Default: text, else title, brand, category and description, "
                + "as far as they are there.",
            HelpName = "NAMES",
            CustomParser = result => Lists.Split(result.Tokens),
        };

    public void AddTo(Command command)
    {
        command.Add(File);
        command.Add(Id);
        command.Add(Text);
        CommonOptions.OnlyTogetherWith(command, File, Id, Text);
    }

    /// <summary>The items; null where no file was named.</summary>
    public ItemsTable? Read(ParseResult arguments) =>
        arguments.GetValue(File) is { } path
            ? ItemsTable.Read(path, arguments.GetValue(Id), arguments.GetValue(Text) ?? [])
            : null;
}
