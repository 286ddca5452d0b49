namespace QuickStart.Sample.Shop;

/// <summary>A department of the shop: what a customer needs for one hobby, in the order in which it is needed.</summary>
/// <param name="Name">The department's name.</param>
/// <param name="Systems">What things must fit: a camera for 35 mm takes no roll film. The first purchase settles it.</param>
/// <param name="Brands">The makers.</param>
/// <param name="Related">Names of hobbies that its customers like to take up next.</param>
/// <param name="Steps">The kinds of product, first needed first.</param>
public sealed record Hobby(string Name, string[] Systems, string[] Brands, string[] Related, ProductKind[] Steps);

/// <summary>One kind of product.</summary>
/// <param name="Category">The shelf it stands on.</param>
/// <param name="Noun">What it is called; {0} stands for the system where the product is made for one.</param>
/// <param name="Details">What may follow after the noun; of a consumable, the small and the large pack.</param>
/// <param name="Consumable">Whether it is used up and bought again.</param>
public sealed record ProductKind(string Category, string Noun, string[] Details, bool Consumable = false)
{
    /// <summary>Whether the product is made for one system. Where it is not, its text does not tell the customer's.</summary>
    public bool HasSystem => Noun.Contains("{0}", StringComparison.Ordinal);
}

/// <summary>One article of the shop.</summary>
/// <param name="Index">Its place in the catalogue.</param>
/// <param name="Id">Its article number.</param>
/// <param name="Text">What the shop writes about it: all that the recommender gets to read.</param>
/// <param name="Hobby">The index of its hobby.</param>
/// <param name="Step">The index of its step.</param>
/// <param name="System">The index of its system, or -1.</param>
/// <param name="Brand">The name of its maker.</param>
/// <param name="Pack">Of a consumable: 0 for the small pack, 1 for the large one. Otherwise -1.</param>
/// <param name="Appeal">How often it is picked compared with its equals.</param>
public sealed record Product(
    int Index,
    string Id,
    string Text,
    int Hobby,
    int Step,
    int System,
    string Brand,
    int Pack,
    double Appeal
);
