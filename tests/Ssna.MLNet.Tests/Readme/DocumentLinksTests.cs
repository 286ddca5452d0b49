using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Readme;

[TestClass]
public sealed class DocumentLinksTests
{
    [TestMethod]
    public void Every_link_anchor_and_path_of_the_documents_leads_somewhere()
    {
        var documents = new Documents(SharedFolder.Checkout);
        Assert.IsGreaterThan(8, documents.Names.Count());
        string[] broken = [.. documents.Broken()];
        Assert.IsEmpty(broken, string.Join('\n', broken));
    }

    [TestMethod]
    public void What_leads_nowhere_is_named()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["docs"]);
        Directory.CreateDirectory(folder["src"]);
        File.WriteAllText(folder["src", "Code.cs"], "");
        File.WriteAllText(
            folder["docs", "page.md"],
            "# A title\n\n## The same, twice\n## The same, twice\n```sh\n# no heading\n```\n"
                + "[up](../README.md#top) [here](#a-title) [gone](gone.md) [elsewhere](https://example.org/x)\n"
        );
        File.WriteAllText(
            folder["README.md"],
            "# Top\n[1](docs/page.md) [2](docs/page.md#the-same-twice-1) [3](docs/page.md#the-same-twice-2)\n"
                + "[4](docs/page.md#no-heading) `src/Code.cs`, `src/Moved.cs`. `[no](link)`\n"
                + "```sh\ndotnet run --project tools/Gone -- x\n```\n"
        );
        CollectionAssert.AreEquivalent(
            new[]
            {
                "README.md: docs/page.md#the-same-twice-2",
                "README.md: docs/page.md#no-heading",
                "README.md: src/Moved.cs",
                "README.md: tools/Gone",
                $"{Path.Combine("docs", "page.md")}: gone.md",
            },
            new Documents(folder.Path).Broken().ToArray()
        );
    }
}
