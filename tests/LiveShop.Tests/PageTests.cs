using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace LiveShop.Tests;

/// <summary>The page in a browser, as visitors use it. SSNA_SCREENSHOTS names a folder for pictures of it.</summary>
[TestClass]
public sealed class PageTests
{
    private const int Phone = 360;
    private const int Desk = 1280;

    private static IPlaywright s_playwright = null!;
    private static IBrowser s_browser = null!;

    private readonly List<string> _errors = [];
    private RunningShop _shop = null!;
    private IPage _page = null!;

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        Chromium.RequirePath();
        // Longer than a page takes: on a busy machine so that it is not the machine that fails.
        Assertions.SetDefaultExpectTimeout(30_000);
        s_playwright = await Playwright.CreateAsync();
        s_browser = await Chromium.LaunchAsync(s_playwright);
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        if (s_browser is not null)
        {
            await s_browser.DisposeAsync();
            s_playwright.Dispose();
        }
    }

    [TestCleanup]
    public async Task Close()
    {
        if (_page is not null)
        {
            await _page.Context.DisposeAsync();
            await _shop.DisposeAsync();
        }
        Assert.IsEmpty(_errors, "the browser's console has errors");
    }

    [TestMethod]
    [DataRow(Phone, ColorScheme.Light)]
    [DataRow(Phone, ColorScheme.Dark)]
    [DataRow(Desk, ColorScheme.Light)]
    [DataRow(Desk, ColorScheme.Dark)]
    public async Task It_is_accessible_and_fits_its_width_in_every_state(int width, ColorScheme scheme)
    {
        await OpenAsync(width, scheme);
        await IsSoundAsync($"start-{width}-{scheme}");
        await TakeAsync("head torch");
        await TakeAsync("pizza flour");
        await _page.Locator("#items button").First.ScrollIntoViewIfNeededAsync();
        await IsSoundAsync($"taken-{width}-{scheme}");
        await AddAsync("Fennimore rose support, bamboo. Gardening, supports.");
        await Assertions.Expect(_page.Locator("#brought")).ToContainTextAsync("is in the shop");
        await IsSoundAsync($"added-{width}-{scheme}");
        await _page.Locator("#brought button").First.ClickAsync();
        await Assertions.Expect(_page.Locator("#list .badge").First).ToBeVisibleAsync();
        await SearchAsync("no such thing");
        await Assertions.Expect(_page.Locator("#items .nothing")).ToBeVisibleAsync();
        await FailAsync();
        await _page.Locator("#exclude").SetCheckedAsync(false);
        await Assertions.Expect(_page.Locator("#failure")).ToBeVisibleAsync();
        await IsSoundAsync($"failed-{width}-{scheme}");
        _errors.Clear(); // That of the request which was made to fail.
    }

    [TestMethod]
    public async Task Recommendations_change_with_every_click_and_say_why()
    {
        await OpenAsync(Desk);
        await Assertions.Expect(_page.Locator("#recommended-title")).ToHaveTextAsync("Favourites");
        string[] favourites = await ListAsync();
        await TakeAsync("head torch");
        await Assertions.Expect(_page.Locator("#recommended-title")).ToHaveTextAsync("Recommended next");
        string[] afterOne = await ListAsync();
        CollectionAssert.AreNotEqual(favourites, afterOne);
        ILocator because = _page.Locator("#list .because").First;
        StringAssert.Contains(await because.InnerTextAsync(), "head torch");
        await Assertions.Expect(_page.Locator("#list .meter").First).ToContainTextAsync("score 0.");
        await Assertions.Expect(_page.Locator("#timing")).ToContainTextAsync("ms");
        // From the list itself as well.
        await _page.Locator("#list .take").First.ClickAsync();
        await Assertions.Expect(_page.Locator("#taken li")).ToHaveCountAsync(2);
        await Assertions.Expect(_page.Locator("#taken")).ToContainTextAsync(afterOne[0]);
        await Assertions.Expect(_page.Locator("#list .name").First).Not.ToHaveTextAsync(afterOne[0]);
        await _page.GetByText("Start over").ClickAsync();
        await Assertions.Expect(_page.Locator("#recommended-title")).ToHaveTextAsync("Favourites");
        CollectionAssert.AreEqual(favourites, await ListAsync());
    }

    [TestMethod]
    public async Task What_was_taken_is_there_after_the_page_is_loaded_again()
    {
        await OpenAsync(Desk);
        await TakeAsync("head torch");
        string[] before = await ListAsync();
        await _page.ReloadAsync();
        await Assertions.Expect(_page.Locator("#taken")).ToContainTextAsync("head torch");
        await Assertions.Expect(_page.Locator("#list .name").First).ToContainTextAsync(before[0]);
    }

    [TestMethod]
    public async Task The_switch_lets_what_was_taken_be_recommended_again()
    {
        await OpenAsync(Desk);
        using HttpClient client = _shop.CreateClient();
        string id = await ApiTests.RepeatedItemAsync(client);
        string title = (await ApiTests.ItemsAsync(client, "take=60"))
            .Single(item => ApiTests.Id(item) == id)
            .GetProperty("title")
            .GetString()!;
        await TakeAsync(title);
        CollectionAssert.DoesNotContain(await ListAsync(), title);
        await _page.Locator("#exclude").SetCheckedAsync(false);
        await Assertions.Expect(_page.Locator("#list")).ToContainTextAsync("You have taken it before");
        CollectionAssert.Contains(await ListAsync(), title);
    }

    [TestMethod]
    public async Task A_new_item_is_typed_and_recommended()
    {
        await OpenAsync(Phone);
        await AddAsync("Halden head torch, 400 lumen. Camping, lamps.");
        await Assertions
            .Expect(_page.Locator("#brought"))
            .ToContainTextAsync("Halden head torch, 400 lumen is in the shop");
        await Assertions.Expect(Card("Halden head torch", "New")).ToBeVisibleAsync();
        await _page.Locator("#brought button").First.ClickAsync();
        await Assertions
            .Expect(_page.Locator("#list li", new() { HasText = "Halden head torch" }).Locator(".badge"))
            .ToHaveTextAsync("New");
    }

    [TestMethod]
    public async Task Text_of_a_visitor_is_text()
    {
        await OpenAsync(Desk);
        await AddAsync("<img src=x onerror=document.title='taken'><b>Bold</b> lamp. Camping, lamps.");
        await Assertions.Expect(_page.Locator("#brought")).ToContainTextAsync("<b>Bold</b>");
        Assert.AreEqual(0, await _page.Locator("main img").CountAsync());
        StringAssert.Contains(await _page.TitleAsync(), "Live shop");
    }

    [TestMethod]
    public async Task It_works_by_the_keyboard_alone()
    {
        await OpenAsync(Desk);
        await TabToAsync("#query");
        await _page.Keyboard.TypeAsync("head torch");
        await Assertions.Expect(_page.Locator("#items .name").First).ToContainTextAsync("head torch");
        await TabToAsync("#items button");
        await _page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(_page.Locator("#taken li")).ToHaveCountAsync(1);
        await TabToAsync("#list .take", back: true);
        await _page.Keyboard.PressAsync("Space");
        await Assertions.Expect(_page.Locator("#taken li")).ToHaveCountAsync(2);
        await TabToAsync("#exclude", back: true);
        await _page.Keyboard.PressAsync("Space");
        Assert.IsFalse(await _page.Locator("#exclude").IsCheckedAsync());
        await TabToAsync("#taken button", back: true);
        await _page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(_page.Locator("#taken li")).ToHaveCountAsync(1);
        Assert.AreEqual("BUTTON", await _page.EvaluateAsync<string>("document.activeElement.tagName"));
        await TabToAsync("#text");
        await _page.Keyboard.TypeAsync("Vantor pocket stove, gas. Camping, stoves.");
        await TabToAsync("#add");
        await _page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(_page.Locator("#brought")).ToContainTextAsync("is in the shop");
        // The first stop of the page leads past the shelves.
        await _page.EvaluateAsync("document.activeElement.blur(); window.getSelection().removeAllRanges()");
        await _page.ReloadAsync();
        await _page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(_page.Locator(".skip")).ToBeFocusedAsync();
    }

    [TestMethod]
    public async Task A_shop_that_does_not_answer_is_said_and_asked_again()
    {
        await OpenAsync(Phone);
        await FailAsync();
        await TakeAsync("head torch", wait: false);
        await Assertions.Expect(_page.Locator("#failure-text")).ToHaveTextAsync("The shop does not answer.");
        await _page.UnrouteAllAsync();
        await _page.GetByText("Try again").ClickAsync();
        await Assertions.Expect(_page.Locator("#failure")).ToBeHiddenAsync();
        await Assertions.Expect(_page.Locator("#list .because").First).ToContainTextAsync("head torch");
        _errors.Clear();
    }

    [TestMethod]
    public async Task On_a_phone_the_best_pick_stays_in_sight()
    {
        await OpenAsync(Phone);
        await Assertions.Expect(_page.Locator("#peek")).ToBeHiddenAsync();
        await _page.Locator("#items li").Nth(12).ScrollIntoViewIfNeededAsync();
        await Assertions.Expect(_page.Locator("#peek")).ToBeVisibleAsync();
        await _page.Locator("#items button").Nth(12).ClickAsync();
        await Assertions.Expect(_page.Locator("#peek")).ToContainTextAsync("Next: ");
        await _page.Locator("#peek").ClickAsync();
        await Assertions.Expect(_page.Locator("#peek")).ToBeHiddenAsync();
        Assert.AreEqual("recommended", await _page.EvaluateAsync<string>("document.activeElement.id"));
    }

    private async Task OpenAsync(int width, ColorScheme scheme = ColorScheme.Light)
    {
        _shop = await RunningShop.StartAsync();
        IBrowserContext context = await s_browser.NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = width == Phone ? 740 : 860 },
                ColorScheme = scheme,
                BaseURL = _shop.Address.ToString(),
                ReducedMotion = ReducedMotion.Reduce,
            }
        );
        _page = await context.NewPageAsync();
        _page.PageError += (_, error) => _errors.Add(error);
        _page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _errors.Add(message.Text);
            }
        };
        await _page.GotoAsync("/");
        await Assertions.Expect(_page.Locator("#list .name")).ToHaveCountAsync(10);
        await Assertions.Expect(_page.Locator("#items .name").First).ToBeVisibleAsync();
    }

    private ILocator Card(string title, string also) =>
        _page.Locator("#items button", new() { HasText = title }).Filter(new() { HasText = also });

    private async Task SearchAsync(string words) => await _page.Locator("#query").FillAsync(words);

    /// <summary>Takes the first item that a search finds.</summary>
    private async Task TakeAsync(string words, bool wait = true)
    {
        await SearchAsync(words);
        await Assertions.Expect(_page.Locator("#items .name").First).ToContainTextAsync(words);
        int taken = await _page.Locator("#taken li").CountAsync();
        await _page.Locator("#items button").First.ClickAsync();
        await Assertions.Expect(_page.Locator("#taken li")).ToHaveCountAsync(taken + 1);
        if (wait)
        {
            await Assertions.Expect(_page.Locator("#list")).Not.ToHaveAttributeAsync("aria-busy", "true");
        }
        await SearchAsync("");
        await Assertions.Expect(_page.Locator("#items button")).ToHaveCountAsync(24);
    }

    private async Task AddAsync(string text)
    {
        await _page.Locator("#text").FillAsync(text);
        await _page.Locator("#add").ClickAsync();
    }

    private async Task FailAsync() => await _page.RouteAsync("**/api/recommendations", route => route.AbortAsync());

    private async Task<string[]> ListAsync()
    {
        await Assertions.Expect(_page.Locator("#list")).Not.ToHaveAttributeAsync("aria-busy", "true");
        return
        [
            .. await _page
                .Locator("#list .name")
                .EvaluateAllAsync<string[]>("names => names.map(name => name.firstChild.textContent)"),
        ];
    }

    /// <summary>Presses Tab until what the selector names has the focus.</summary>
    private async Task TabToAsync(string selector, bool back = false)
    {
        for (int i = 0; i < 150; i++)
        {
            await _page.Keyboard.PressAsync(back ? "Shift+Tab" : "Tab");
            if (await _page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
            {
                return;
            }
        }
        Assert.Fail($"Tab does not lead to '{selector}'.");
    }

    private async Task IsSoundAsync(string picture)
    {
        AxeResult result = await _page.RunAxe();
        Assert.IsEmpty(
            result.Violations,
            string.Join(
                '\n',
                result.Violations.Select(violation =>
                    $"{picture}: {violation.Id}: {violation.Help}: "
                    + string.Join(", ", violation.Nodes.Select(node => node.Html))
                )
            )
        );
        Assert.IsGreaterThan(20, result.Passes.Length, "so few rules would mean that axe did not see the page");
        int beyond = await _page.EvaluateAsync<int>(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        );
        Assert.AreEqual(0, beyond, $"{picture}: the page is wider than its window");
        if (Environment.GetEnvironmentVariable("SSNA_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await _page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{picture}.png") });
            await _page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{picture}-full.png"), FullPage = true });
        }
    }
}
