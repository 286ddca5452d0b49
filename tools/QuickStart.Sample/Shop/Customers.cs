namespace QuickStart.Sample.Shop;

/// <summary>One row of the shop's sales.</summary>
/// <param name="User">The customer's number.</param>
/// <param name="Item">The article number.</param>
/// <param name="Time">When it was bought (UTC).</param>
public readonly record struct Purchase(string User, string Item, DateTime Time);

/// <summary>Lets customers shop by the <see cref="ShoppingRule"/>.</summary>
public static class Customers
{
    private const int FewestPurchases = 5;
    private const int MostPurchases = 20;

    /// <summary>The chance that a customer with enough purchases comes back once more.</summary>
    private const double ComesBack = 0.8;

    private static readonly DateTime Opening = new(2024, 1, 2, 8, 0, 0, DateTimeKind.Utc);

    /// <summary>Every purchase of <paramref name="count"/> customers, in the order of time.</summary>
    public static List<Purchase> Shop(SampleShop shop, int count, ulong seed)
    {
        var random = new SampleRandom(seed);
        var rule = new ShoppingRule(shop);
        var probabilities = new double[shop.Products.Count];
        var purchases = new List<Purchase>();
        var history = new List<int>();
        for (var customer = 0; customer < count; customer++)
        {
            history.Clear();
            var minutes = random.NextInt(365 * 24 * 60);
            while (
                history.Count < FewestPurchases || (history.Count < MostPurchases && random.NextDouble() < ComesBack)
            )
            {
                rule.NextPurchase([.. history], probabilities);
                var item = random.Draw(probabilities);
                history.Add(item);
                minutes += 60 + random.NextInt(14 * 24 * 60);
                purchases.Add(
                    new Purchase($"U{10000 + customer}", shop.Products[item].Id, Opening.AddMinutes(minutes))
                );
            }
        }

        // The shop's till knows no customers, only time; ties keep their order.
        return [.. purchases.OrderBy(purchase => purchase.Time)];
    }
}
