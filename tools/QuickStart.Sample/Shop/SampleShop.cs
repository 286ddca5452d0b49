namespace QuickStart.Sample.Shop;

/// <summary>The shop's catalogue, made from the <see cref="Assortment"/>.</summary>
public sealed class SampleShop
{
    private readonly Dictionary<string, int> _indexes;

    private SampleShop(Product[] products)
    {
        Products = products;
        _indexes = products.ToDictionary(product => product.Id, product => product.Index);
    }

    /// <summary>Every article, in the order of the article numbers.</summary>
    public IReadOnlyList<Product> Products { get; }

    /// <summary>The index of the article with this number.</summary>
    public int IndexOf(string id) => _indexes[id];

    /// <summary>Makes the catalogue: the same for the same seed.</summary>
    public static SampleShop Create(ulong seed)
    {
        var random = new SampleRandom(seed);
        var drafts = new List<Product>();
        for (var hobby = 0; hobby < Assortment.Hobbies.Length; hobby++)
        {
            for (var step = 0; step < Assortment.Hobbies[hobby].Steps.Length; step++)
            {
                drafts.AddRange(ProductsOf(hobby, step, random));
            }
        }

        // Article numbers say nothing about the article.
        var order = drafts.ToArray();
        random.Shuffle<Product>(order);
        return new SampleShop([
            .. order.Select((product, index) => product with { Index = index, Id = $"A{1000 + index}" }),
        ]);
    }

    private static IEnumerable<Product> ProductsOf(int hobby, int step, SampleRandom random)
    {
        var (plan, kind) = (Assortment.Hobbies[hobby], Assortment.Hobbies[hobby].Steps[step]);
        for (var system = kind.HasSystem ? 0 : -1; system < (kind.HasSystem ? plan.Systems.Length : 0); system++)
        {
            var noun = kind.HasSystem ? string.Format(null, kind.Noun, plan.Systems[system]) : kind.Noun;
            for (var brand = 0; brand < plan.Brands.Length; brand++)
            {
                // What is made for one system comes from two of the three makers.
                if (kind.HasSystem && (system + step) % plan.Brands.Length == brand)
                {
                    continue;
                }

                var firstDetail = random.NextInt(kind.Details.Length);
                for (var pack = kind.Consumable ? 0 : -1; pack < (kind.Consumable ? 2 : 0); pack++)
                {
                    var detail = kind.Details[kind.Consumable ? pack : firstDetail];
                    yield return new Product(
                        Index: -1,
                        Id: "",
                        $"{plan.Brands[brand]} {noun}, {detail}. {plan.Name}, {kind.Category.ToLowerInvariant()}.",
                        hobby,
                        step,
                        system,
                        plan.Brands[brand],
                        pack,
                        Appeal: 1.0 / (1 + random.NextInt(3))
                    );
                }
            }
        }
    }
}
