using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Hosting;

namespace LiveShop.Tests;

[TestClass]
public sealed partial class ApiTests
{
    private static RunningShop s_shop = null!;
    private static HttpClient s_client = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        s_shop = await RunningShop.StartAsync();
        s_client = s_shop.CreateClient();
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        s_client.Dispose();
        await s_shop.DisposeAsync();
    }

    [TestMethod]
    public void The_first_start_says_how_the_training_goes() =>
        StringAssert.Matches(RunningShop.TrainingProgress, FirstStart());

    [TestMethod]
    public async Task The_page_and_its_files_come_from_the_shop_alone()
    {
        foreach (string file in new[] { "/", "/shop.css", "/shop.js", "/favicon.svg" })
        {
            using HttpResponseMessage response = await s_client.GetAsync(file);
            Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, file);
            string content = await response.Content.ReadAsStringAsync();
            Assert.DoesNotContain("https:", content, file);
            StringAssert.Contains(
                string.Join(' ', response.Headers.GetValues("Content-Security-Policy")),
                "default-src 'self'"
            );
        }
    }

    [TestMethod]
    public async Task It_recommends_what_the_model_does_and_says_what_lies_near()
    {
        string[] history = ["A1003", "A1024", "no such item", "A1025"];
        JsonElement answer = await AskAsync(s_client, new { history, k = 7 });
        using ModelLease lease = s_shop.Recommender.Acquire();
        string[] expected = [.. lease.Model.Recommend(history, 7).Select(item => item.Item)];
        CollectionAssert.AreEqual(expected, Ids(answer));
        Assert.AreEqual(1, answer.GetProperty("unknownItems").GetInt32());
        Assert.IsGreaterThan(0, answer.GetProperty("milliseconds").GetDouble());
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> nearest = lease.Model.GetNearestInHistory(
            expected,
            history,
            2
        );
        foreach ((int i, JsonElement item) in answer.GetProperty("items").EnumerateArray().Index())
        {
            JsonElement[] because = [.. item.GetProperty("because").EnumerateArray()];
            CollectionAssert.AreEqual(
                nearest[i].Where(near => near.Score > 0).Select(near => near.Item).ToArray(),
                because.Select(near => near.GetProperty("item").GetProperty("id").GetString()).ToArray()
            );
            for (int place = 0; place < because.Length; place++)
            {
                Assert.AreEqual(nearest[i][place].Score, because[place].GetProperty("nearness").GetSingle(), 1e-6f);
            }
            Assert.AreNotEqual("", item.GetProperty("item").GetProperty("title").GetString());
            Assert.IsFalse(item.GetProperty("taken").GetBoolean());
        }
    }

    [TestMethod]
    public async Task A_visitor_who_took_nothing_gets_the_favourites()
    {
        JsonElement answer = await AskAsync(s_client, new { });
        Assert.HasCount(10, Ids(answer));
        Assert.AreEqual(0, answer.GetProperty("items")[0].GetProperty("because").GetArrayLength());
    }

    [TestMethod]
    public async Task History_is_left_out_or_not_as_asked()
    {
        string taken = await RepeatedItemAsync(s_client);
        CollectionAssert.DoesNotContain(Ids(await AskAsync(s_client, new { history = new[] { taken } })), taken);
        JsonElement with = await AskAsync(s_client, new { history = new[] { taken }, excludeHistory = false });
        JsonElement repeated = with.GetProperty("items")
            .EnumerateArray()
            .Single(item => item.GetProperty("item").GetProperty("id").GetString() == taken);
        Assert.IsTrue(repeated.GetProperty("taken").GetBoolean());
    }

    [TestMethod]
    public async Task Many_at_once_get_what_each_gets_alone()
    {
        string[] items = [.. (await ItemsAsync(s_client, "take=60")).Select(Id)];
        string[] alone = [.. await Task.WhenAll(items.Select(item => FirstAsync(item)))];
        Task<string>[] together = [.. Enumerable.Range(0, 600).Select(i => FirstAsync(items[i % items.Length]))];
        for (int i = 0; i < together.Length; i++)
        {
            Assert.AreEqual(alone[i % items.Length], await together[i]);
        }

        static async Task<string> FirstAsync(string item) =>
            Ids(await AskAsync(s_client, new { history = new[] { item }, k = 1 })).Single();
    }

    [TestMethod]
    public async Task Shelves_are_searched_by_words_and_department_page_by_page()
    {
        JsonElement shop = await s_client.GetFromJsonAsync<JsonElement>("api/shop");
        string[] groups = [.. shop.GetProperty("groups").EnumerateArray().Select(group => group.GetString()!)];
        CollectionAssert.Contains(groups, "Camping");
        JsonElement[] lamps = await ItemsAsync(s_client, "query=LAMP%20torch&group=Camping");
        Assert.IsNotEmpty(lamps);
        Assert.IsTrue(lamps.All(item => item.GetProperty("group").GetString() == "Camping"));
        JsonElement[] first = await ItemsAsync(s_client, "take=5");
        JsonElement[] second = await ItemsAsync(s_client, "take=5&skip=5");
        Assert.HasCount(10, first.Concat(second).Select(Id).Distinct().ToArray());
        Assert.IsEmpty(await ItemsAsync(s_client, "query=no+such+thing"));
    }

    [TestMethod]
    [DataRow("{\"history\":[\"A1003\"],\"k\":0}", 400, "k")]
    [DataRow("{\"history\":[\"A1003\"],\"k\":51}", 400, "k")]
    [DataRow("{\"history\":[null]}", 400, "history")]
    [DataRow("{\"history\":[", 400, null)]
    [DataRow("{\"history\":\"A1003\"}", 400, null)]
    [DataRow("", 400, null)]
    public async Task A_question_that_is_none_is_a_problem(string body, int status, string? field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await s_client.PostAsync("api/recommendations", content);
        JsonElement problem = await ProblemAsync(response, status);
        if (field is not null)
        {
            StringAssert.Contains(problem.GetProperty("errors").GetProperty(field)[0].GetString(), "Expected");
        }
    }

    [TestMethod]
    public async Task What_is_too_long_is_a_problem()
    {
        await ProblemAsync(
            await s_client.PostAsJsonAsync("api/recommendations", new { history = Enumerable.Repeat("A1003", 201) }),
            400
        );
        await ProblemAsync(
            await s_client.PostAsJsonAsync(
                "api/recommendations",
                new { history = Enumerable.Repeat(new string('x', 1000), 20) }
            ),
            413
        );
        await ProblemAsync(await s_client.GetAsync($"api/items?query={new string('x', 301)}"), 400);
        await ProblemAsync(await s_client.GetAsync("api/items?take=61"), 400);
        await ProblemAsync(await s_client.GetAsync("api/items?skip=-1"), 400);
        await ProblemAsync(await s_client.GetAsync("api/items?skip=many"), 400);
        await ProblemAsync(await s_client.PostAsJsonAsync("api/items", new { text = new string('x', 301) }), 400);
        await ProblemAsync(await s_client.PostAsJsonAsync("api/items", new { text = " \n\t " }), 400);
        await ProblemAsync(await s_client.PostAsJsonAsync("api/items", new { }), 400);
    }

    [TestMethod]
    public async Task Other_ways_to_be_wrong_are_problems_too()
    {
        await ProblemAsync(await s_client.GetAsync("api/nothing"), 404);
        await ProblemAsync(await s_client.GetAsync("api/recommendations"), 405);
        using var text = new StringContent("history", Encoding.UTF8, "text/plain");
        await ProblemAsync(await s_client.PostAsync("api/recommendations", text), 415);
    }

    [TestMethod]
    public async Task Health_says_that_the_model_serves()
    {
        JsonElement health = await s_client.GetFromJsonAsync<JsonElement>("health");
        Assert.AreEqual("Healthy", health.GetProperty("status").GetString());
        JsonElement data = health.GetProperty("checks").GetProperty("ssna").GetProperty("data");
        Assert.IsGreaterThanOrEqualTo(597, data.GetProperty("items").GetInt32());
    }

    [TestMethod]
    public async Task Metrics_are_those_of_the_library_and_of_the_server()
    {
        await AskAsync(s_client, new { history = new[] { "A1003", "no such item" } });
        string metrics = await s_client.GetStringAsync("metrics");
        foreach (
            string name in new[]
            {
                "ssna_recommendation_requests_total{",
                "ssna_recommendation_duration_seconds_bucket{",
                "ssna_recommendation_batch_size_bucket{",
                "ssna_recommendation_unknown_items_total{",
                "ssna_recommendation_queued_requests",
                "ssna_model_load_duration_seconds_count",
                "http_server_request_duration_seconds_bucket{",
            }
        )
        {
            StringAssert.Contains(metrics, name);
        }
        StringAssert.Contains(metrics, "ssna_recommendation_method=\"batcher\"");
    }

    internal static async Task<JsonElement> AskAsync(HttpClient client, object question)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/recommendations", question);
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    internal static string[] Ids(JsonElement answer) =>
        [.. answer.GetProperty("items").EnumerateArray().Select(entry => Id(entry.GetProperty("item")))];

    internal static string Id(JsonElement item) => item.GetProperty("id").GetString()!;

    internal static async Task<JsonElement[]> ItemsAsync(HttpClient client, string query) =>
        [.. (await client.GetFromJsonAsync<JsonElement>($"api/items?{query}")).GetProperty("items").EnumerateArray()];

    /// <summary>An item that is recommended again to who has just taken it, where that is not left out.</summary>
    internal static async Task<string> RepeatedItemAsync(HttpClient client)
    {
        foreach (JsonElement item in await ItemsAsync(client, "take=60"))
        {
            JsonElement answer = await AskAsync(client, new { history = new[] { Id(item) }, excludeHistory = false });
            if (Ids(answer).Contains(Id(item)))
            {
                return Id(item);
            }
        }
        throw new AssertFailedException("None of sixty items is recommended again.");
    }

    /// <summary>RFC 9457: title and status, and of that media type.</summary>
    internal static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, int status)
    {
        using (response)
        {
            string body = await response.Content.ReadAsStringAsync();
            Assert.AreEqual(status, (int)response.StatusCode, body);
            Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType, body);
            JsonElement problem = JsonSerializer.Deserialize<JsonElement>(body);
            Assert.AreEqual(status, problem.GetProperty("status").GetInt32());
            Assert.AreNotEqual("", problem.GetProperty("title").GetString());
            return problem;
        }
    }

    [GeneratedRegex(@"training one on.*Epoch 1 of at most 18: loss .*Saved as", RegexOptions.Singleline)]
    private static partial Regex FirstStart();
}
