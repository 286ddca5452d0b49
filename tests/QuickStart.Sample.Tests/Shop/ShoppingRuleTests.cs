using QuickStart.Sample.Shop;

namespace QuickStart.Sample.Tests.Shop;

[TestClass]
public sealed class ShoppingRuleTests
{
    private readonly SampleShop _shop = SampleFiles.Shop();

    [TestMethod]
    public void The_probabilities_sum_to_one_for_any_history()
    {
        var random = new SampleRandom(7);
        for (var length = 0; length < 30; length++)
        {
            var history = new int[length];
            for (var index = 0; index < length; index++)
            {
                history[index] = random.NextInt(_shop.Products.Count);
            }

            var probabilities = Next(history);

            Assert.AreEqual(1, probabilities.Sum(), 1e-9);
            Assert.IsGreaterThan(0, probabilities.Min());
        }
    }

    [TestMethod]
    public void The_first_purchase_of_a_hobby_settles_what_fits_later()
    {
        // A camera for one film format, then a light meter, which suits them all.
        var camera = Find("Cameras", 0);
        var otherCamera = Find("Cameras", 1);
        var meter = Find("Light meters", -1);
        var tank = Find("Tanks", 0);

        Assert.IsGreaterThan(10 * Next([otherCamera, meter])[tank], Next([camera, meter])[tank]);
    }

    [TestMethod]
    public void The_order_of_the_purchases_matters()
    {
        var (camera, bike) = (Find("Cameras", 0), Find("Bikes", 0));

        CollectionAssert.AreNotEqual(Next([camera, bike]), Next([bike, camera]));
    }

    private double[] Next(int[] history)
    {
        var probabilities = new double[_shop.Products.Count];
        new ShoppingRule(_shop).NextPurchase(history, probabilities);
        return probabilities;
    }

    private int Find(string category, int system) =>
        _shop
            .Products.First(product =>
                product.System == system && Assortment.Hobbies[product.Hobby].Steps[product.Step].Category == category
            )
            .Index;
}
