using QuickStart.Sample.Shop;

namespace QuickStart.Sample.Tests.Shop;

[TestClass]
public sealed class SampleShopTests
{
    private readonly SampleShop _shop = SampleFiles.Shop();

    [TestMethod]
    public void No_two_articles_have_one_text() =>
        CollectionAssert.AllItemsAreUnique(_shop.Products.Select(product => product.Text).ToArray());

    [TestMethod]
    public void Texts_of_articles_for_every_system_name_none()
    {
        foreach (var product in _shop.Products.Where(product => product.System < 0))
        {
            foreach (var system in Assortment.Hobbies[product.Hobby].Systems)
            {
                Assert.DoesNotContain($" {system} ", product.Text);
            }
        }
    }

    [TestMethod]
    public void Related_hobbies_exist()
    {
        var names = Assortment.Hobbies.Select(hobby => hobby.Name).ToArray();
        foreach (var related in Assortment.Hobbies.SelectMany(hobby => hobby.Related))
        {
            Assert.Contains(related, names);
        }
    }
}
