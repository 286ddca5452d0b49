using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LiveShop.Tests;

[TestClass]
public sealed class NewItemsTests
{
    private const string Text = "Fennimore rose support, bamboo.\n Gardening,  supports.";

    [TestMethod]
    public async Task A_new_item_is_on_the_shelves_and_recommended_by_its_text_alone()
    {
        await using RunningShop shop = await RunningShop.StartAsync();
        using HttpClient client = shop.CreateClient();
        (string id, string[] after) = await AddAsync(client, Text);
        Assert.IsNotEmpty(after);
        JsonElement first = (await ApiTests.ItemsAsync(client, "take=1"))[0];
        Assert.AreEqual(id, ApiTests.Id(first));
        Assert.AreEqual("Fennimore rose support, bamboo", first.GetProperty("title").GetString());
        Assert.AreEqual("Gardening", first.GetProperty("group").GetString());
        Assert.IsTrue(first.GetProperty("isNew").GetBoolean());
        foreach (string taken in after)
        {
            CollectionAssert.Contains(
                ApiTests.Ids(await ApiTests.AskAsync(client, new { history = new[] { taken } })),
                id
            );
        }
        // It is part of a history as well, and may be a reason.
        Assert.AreEqual(
            0,
            (await ApiTests.AskAsync(client, new { history = new[] { id } })).GetProperty("unknownItems").GetInt32()
        );
    }

    [TestMethod]
    public async Task New_items_stay_when_another_model_takes_over()
    {
        await using RunningShop shop = await RunningShop.StartAsync();
        using HttpClient client = shop.CreateClient();
        (string id, string[] after) = await AddAsync(client, Text);
        Assert.IsNotEmpty(after);
        await shop.Recommender.ReloadAsync();
        CollectionAssert.Contains(
            ApiTests.Ids(await ApiTests.AskAsync(client, new { history = new[] { after[0] } })),
            id
        );
    }

    [TestMethod]
    public async Task There_are_only_so_many_a_minute()
    {
        await using RunningShop shop = await RunningShop.StartAsync("--newItemsPerMinute", "2");
        using HttpClient client = shop.CreateClient();
        await AddAsync(client, Text);
        await AddAsync(client, Text);
        HttpResponseMessage refused = await client.PostAsJsonAsync("api/items", new { text = Text });
        Assert.IsNotNull(refused.Headers.RetryAfter);
        await ApiTests.ProblemAsync(refused, 429);
    }

    [TestMethod]
    public async Task There_are_only_so_many_in_all()
    {
        await using RunningShop shop = await RunningShop.StartAsync("--maximumNewItems", "1");
        using HttpClient client = shop.CreateClient();
        await AddAsync(client, Text);
        JsonElement problem = await ApiTests.ProblemAsync(
            await client.PostAsJsonAsync("api/items", new { text = Text }),
            409
        );
        StringAssert.Contains(problem.GetProperty("detail").GetString(), "1 new items");
    }

    private static async Task<(string Id, string[] After)> AddAsync(HttpClient client, string text)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/items", new { text });
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode, await response.Content.ReadAsStringAsync());
        JsonElement added = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.AreEqual(3, added.GetProperty("nearest").GetArrayLength());
        string[] after = [.. added.GetProperty("after").EnumerateArray().Select(ApiTests.Id)];
        return (ApiTests.Id(added.GetProperty("item")), after);
    }
}
