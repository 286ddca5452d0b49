using System.Globalization;
using System.Text;

namespace QuickStart.Sample.Shop;

/// <summary>The two tables of the sample, and the seeds that make them.</summary>
public static class SampleFiles
{
    /// <summary>The name of the file with the articles: Item and Text.</summary>
    public const string Items = "items.tsv";

    /// <summary>The name of the file with the sales: User, Item and Time.</summary>
    public const string Interactions = "interactions.tsv";

    private const ulong CatalogueSeed = 1;
    private const ulong CustomerSeed = 2;
    private const int CustomerCount = 4000;

    /// <summary>The shop that the committed sample comes from.</summary>
    public static SampleShop Shop() => SampleShop.Create(CatalogueSeed);

    /// <summary>Writes both tables to <paramref name="folder"/>.</summary>
    public static void Write(string folder)
    {
        var shop = Shop();
        Directory.CreateDirectory(folder);
        WriteTable(
            Path.Combine(folder, Items),
            "Item\tText",
            shop.Products.Select(product => $"{product.Id}\t{product.Text}")
        );
        WriteTable(
            Path.Combine(folder, Interactions),
            "User\tItem\tTime",
            Customers.Shop(shop, CustomerCount, CustomerSeed).Select(Row)
        );

        static string Row(Purchase purchase) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{purchase.User}\t{purchase.Item}\t{purchase.Time:yyyy-MM-dd HH:mm}"
            );
    }

    private static void WriteTable(string path, string header, IEnumerable<string> rows)
    {
        var text = new StringBuilder(header).Append('\n');
        foreach (var row in rows)
        {
            text.Append(row).Append('\n');
        }

        File.WriteAllText(path, text.ToString());
    }
}
