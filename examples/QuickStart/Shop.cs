using Microsoft.ML;

namespace QuickStart;

/// <summary>An article, as the items' table has it.</summary>
internal sealed class ShopItem
{
    public ShopItem() { }

    public ShopItem(string item, string text) => (Item, Text) = (item, text);

    public string Item { get; set; } = "";

    public string Text { get; set; } = "";
}

/// <summary>A customer's purchases, oldest first.</summary>
internal sealed class Customer
{
    public string User { get; set; } = "";

    public string[] Sequence { get; set; } = [];
}

/// <summary>A customer's purchases but the last, and the last.</summary>
internal sealed class TestCustomer
{
    public string User { get; set; } = "";

    public string[] Sequence { get; set; } = [];

    public string Label { get; set; } = "";
}

/// <summary>The tables as plain objects, for the baselines and for the screen.</summary>
internal sealed record Shop(ShopItem[] Items, Customer[] TrainCustomers, TestCustomer[] TestCustomers)
{
    /// <summary>The index of every article number in <see cref="Items"/>.</summary>
    public IReadOnlyDictionary<string, int> Indexes { get; } =
        Items.Select((item, index) => (item.Item, index)).ToDictionary(pair => pair.Item, pair => pair.index);

    /// <summary>The first sentence of an article's text: its maker and name.</summary>
    public string NameOf(string item) => Items[Indexes[item]].Text.Split(". ")[0];

    public static Shop Read(MLContext mlContext, IDataView items, IDataView train, IDataView test) =>
        new(
            [.. Rows<ShopItem>(mlContext, items)],
            [.. Rows<Customer>(mlContext, train)],
            [.. Rows<TestCustomer>(mlContext, test)]
        );

    private static IEnumerable<T> Rows<T>(MLContext mlContext, IDataView data)
        where T : class, new() => mlContext.Data.CreateEnumerable<T>(data, reuseRowObject: false);
}
