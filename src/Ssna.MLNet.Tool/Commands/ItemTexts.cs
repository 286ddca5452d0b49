using Ssna.MLNet.Tool.Tables;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>Texts to show beside ids, where a file of items was named.</summary>
/// <param name="items">The items, or null.</param>
internal sealed class ItemTexts(ItemsTable? items)
{
    private readonly Dictionary<string, string>? _texts = items
        ?.Rows.GroupBy(row => row.Item)
        .ToDictionary(group => group.Key, group => group.First().Text);

    /// <summary>Whether there are any.</summary>
    public bool Any => _texts is not null;

    /// <summary>The text of an item, or null.</summary>
    public string? this[string item] => _texts?.GetValueOrDefault(item);
}
