using System.Collections.Immutable;
using LiveShop.Training;
using Microsoft.ML;

namespace LiveShop;

/// <summary>What the shop sells: the items of the data folder, and those that visitors have added since the start.</summary>
internal sealed class ShopShelves
{
    /// <summary>More departments than this are none: in such data the texts are made in another way.</summary>
    private const int MostGroups = 24;

    private readonly Lock _gate = new();
    private ImmutableList<NewItem> _added = [];
    private ImmutableDictionary<string, ShopItem> _byId;

    private ShopShelves(IEnumerable<ShopItem> items)
    {
        Stock = [.. items];
        _byId = Stock.ToImmutableDictionary(item => item.Id);
        string?[] groups = [.. Stock.Select(item => item.Group).Distinct()];
        if (groups.Length <= MostGroups && !groups.Contains(null))
        {
            Groups = [.. groups.OfType<string>().Order(StringComparer.Ordinal)];
        }
        else
        {
            Groups = [];
            Stock = [.. Stock.Select(item => item with { Group = null })];
            _byId = Stock.ToImmutableDictionary(item => item.Id);
        }
    }

    /// <summary>An item that a visitor added, as the model's item pipeline reads it.</summary>
    public sealed record NewItem(string Item, string Text);

    /// <summary>The items of the data folder.</summary>
    public IReadOnlyList<ShopItem> Stock { get; }

    /// <summary>The departments; none where the texts do not tell.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>The items that visitors added, the oldest first.</summary>
    public IReadOnlyList<NewItem> Added => Volatile.Read(ref _added);

    public static ShopShelves Read(MLContext mlContext, string folder) =>
        new(
            mlContext
                .Data.CreateEnumerable<ItemRow>(ShopTables.Items(mlContext, folder), reuseRowObject: false)
                .Select(row => ShopItem.Of(row.Item, row.Text))
        );

    /// <summary>An item, or what little is known of one that only the model has.</summary>
    public ShopItem this[string id] =>
        Volatile.Read(ref _byId).GetValueOrDefault(id) ?? new(id, id, "", Group: null, IsNew: false);

    /// <summary>The items that match, new ones first.</summary>
    /// <param name="query">Words that all are in the item's text; empty for any.</param>
    /// <param name="group">The department; null for any.</param>
    public IEnumerable<ShopItem> Find(string query, string? group)
    {
        string[] words = query.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Added
            .Reverse()
            .Select(item => this[item.Item])
            .Concat(Stock)
            .Where(item => (group is null || item.Group == group) && item.Matches(words));
    }

    /// <summary>Puts a new item on the shelves; null where there are as many new ones as there may be.</summary>
    public NewItem? TryAdd(string text, int most)
    {
        lock (_gate)
        {
            if (_added.Count >= most)
            {
                return null;
            }
            int number = _added.Count + 1;
            while (_byId.ContainsKey($"N{number}"))
            {
                number++;
            }
            var added = new NewItem($"N{number}", text);
            ShopItem item = ShopItem.Of(added.Item, text, isNew: true);
            Volatile.Write(
                ref _byId,
                _byId.Add(item.Id, Groups.Contains(item.Group) ? item : item with { Group = null })
            );
            Volatile.Write(ref _added, _added.Add(added));
            return added;
        }
    }

    /// <summary>Takes back an item that the model could not read.</summary>
    public void Remove(NewItem item)
    {
        lock (_gate)
        {
            Volatile.Write(ref _added, _added.Remove(item));
            Volatile.Write(ref _byId, _byId.Remove(item.Item));
        }
    }

    private sealed class ItemRow
    {
        public string Item { get; set; } = "";

        public string Text { get; set; } = "";
    }
}
