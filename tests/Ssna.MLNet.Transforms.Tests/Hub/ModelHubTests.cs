using System.Text;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Hub;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Hub;

/// <summary>Models are fetched from a hub on loopback.</summary>
[TestClass]
public sealed partial class ModelHubTests : IDisposable
{
    private const string Id = "owner/tiny-model";
    private const string Token = "hf_secret";

    private static readonly byte[] s_configuration = Encoding.UTF8.GetBytes("""{"model_type": "bert"}""");
    private static readonly byte[] s_words = Encoding.UTF8.GetBytes("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
    private static readonly byte[] s_weights = Bytes(300_000, 1);

    private readonly HubServer _server = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private string Repository => _folder["models--owner--tiny-model"];

    [TestMethod]
    public async Task A_model_is_fetched_once_into_the_layout_of_pythons_cache()
    {
        string commit = _server.Add(Id, Files(("README.md", Bytes(50, 2)), ("pytorch_model.bin", Bytes(5000, 3))));
        string folder = await Hub().GetFolderAsync(Id);

        Assert.AreEqual(Path.Combine(Repository, "snapshots", commit), folder);
        Assert.AreEqual(commit, File.ReadAllText(Path.Combine(Repository, "refs", "main")));
        CollectionAssert.AreEquivalent(
            new[] { "config.json", "model.safetensors", "vocab.txt" },
            Names(folder),
            "neither pickle nor what nobody reads"
        );
        CollectionAssert.AreEquivalent(
            new[] { _server.HashOf(s_configuration), _server.HashOf(s_words), _server.HashOf(s_weights) },
            Names(Path.Combine(Repository, "blobs"))
        );
        Assert.AreEqual(
            Path.Combine("..", "..", "blobs", _server.HashOf(s_weights)),
            new FileInfo(Path.Combine(folder, "model.safetensors")).LinkTarget
        );
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        CollectionAssert.AreEqual(s_words, File.ReadAllBytes(Path.Combine(folder, "vocab.txt")));
        Assert.IsTrue(File.Exists(Path.Combine(Repository, ".no_exist", commit, "tokenizer.json")));
        Assert.IsFalse(File.Exists(Path.Combine(Repository, ".no_exist", commit, "vocab.txt")));

        int before = _server.Requests.Count;
        Assert.AreEqual(folder, await Hub().GetFolderAsync(Id));
        Assert.AreEqual(before + 1, _server.Requests.Count, "what the branch means is all that is asked again");
    }

    [TestMethod]
    public async Task What_is_sent_is_the_request_the_token_and_the_librarys_name()
    {
        _server.Add(Id, Files());
        await Hub(token: Token).GetFolderAsync(Id);
        Assert.IsGreaterThan(3, _server.Requests.Count);
        string[] expected = ["Host", "Accept-Encoding", "User-Agent", "Authorization"];
        foreach (HubServer.Request request in _server.Requests)
        {
            CollectionAssert.IsSubsetOf(request.Headers.Keys.ToArray(), expected, request.Path);
            Assert.AreEqual("Ssna.MLNet", request["User-Agent"]);
        }
    }

    [TestMethod]
    public async Task The_token_goes_to_the_hub_and_to_no_other_host()
    {
        _server.Add(Id, Files());
        await Hub(token: Token).GetFolderAsync(Id);
        HubServer.Request[] elsewhere =
        [
            .. _server.Requests.Where(request => request.Host.StartsWith("localhost", StringComparison.Ordinal)),
        ];
        HubServer.Request[] hub = [.. _server.Requests.Except(elsewhere)];
        Assert.HasCount(1, elsewhere);
        Assert.IsNull(elsewhere[0]["Authorization"]);
        foreach (HubServer.Request request in hub)
        {
            Assert.AreEqual($"Bearer {Token}", request["Authorization"], request.Path);
        }
    }

    [TestMethod]
    public async Task A_client_that_follows_redirects_by_itself_keeps_the_token_from_others_too()
    {
        _server.Add(Id, Files());
        using var client = new HttpClient();
        client.DefaultRequestHeaders.UserAgent.ParseAdd("Shop/1.0");
        await Hub(token: Token, client: client).GetFolderAsync(Id);
        HubServer.Request elsewhere = _server.Requests.Single(request =>
            request.Host.StartsWith("localhost", StringComparison.Ordinal)
        );
        Assert.IsNull(elsewhere["Authorization"]);
        Assert.IsTrue(
            _server.Requests.All(request => request["User-Agent"] == "Shop/1.0"),
            "the client's own name stays"
        );
    }

    [TestMethod]
    public async Task A_model_that_has_another_name_now_is_found_by_the_old_one()
    {
        string commit = _server.Add(Id, Files());
        _server.Change = (request, answer) =>
            request.Path.Contains("old-name", StringComparison.Ordinal)
                ? new HubServer.Answer(307, [])
                {
                    Headers = { ["Location"] = request.Path.Replace("old-name", Id, StringComparison.Ordinal) },
                }
                : answer;
        string folder = await Hub(token: Token).GetFolderAsync("old-name");
        Assert.AreEqual(_folder["models--old-name", "snapshots", commit], folder);
        Assert.IsTrue(
            _server
                .Requests.Where(request => request.Host.StartsWith("127", StringComparison.Ordinal))
                .All(request => request["Authorization"] is not null),
            "it is the same host"
        );
    }

    [TestMethod]
    public async Task A_revision_is_a_branch_a_reference_or_a_commit()
    {
        byte[] other = Bytes(4000, 9);
        string main = _server.Add(Id, Files());
        string pull = _server.Add(Id, Files(("model.safetensors", other)), "refs/pr/1");
        string folder = await Hub().GetFolderAsync($"{Id}@refs/pr/1");
        Assert.AreEqual(Path.Combine(Repository, "snapshots", pull), folder);
        CollectionAssert.AreEqual(other, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        Assert.AreEqual(pull, File.ReadAllText(Path.Combine(Repository, "refs", "refs", "pr", "1")));
        Assert.IsTrue(
            _server.Requests.Any(request => request.Path.Contains("/revision/refs%2Fpr%2F1?", StringComparison.Ordinal))
        );

        // The other files are the same, and there already.
        int before = _server.Requests.Count;
        await Hub().GetFolderAsync($"{Id}@{main}");
        Assert.AreEqual(1, _server.CountOf(s_weights));
        Assert.AreEqual(
            before + 3,
            _server.Requests.Count,
            "the commit, and the weights over the hub and the other host"
        );

        before = _server.Requests.Count;
        await Hub().GetFolderAsync($"{Id}@{main}");
        Assert.AreEqual(before, _server.Requests.Count, "a commit never changes: nothing is asked");
    }

    [TestMethod]
    public async Task A_branch_that_moved_is_followed_and_the_old_commit_stays()
    {
        string old = _server.Add(Id, Files());
        await Hub().GetFolderAsync(Id);
        string later = _server.Add(Id, Files(("model.safetensors", Bytes(4000, 9))));
        Assert.AreNotEqual(old, later);
        StringAssert.EndsWith(await Hub().GetFolderAsync(Id), later);
        CollectionAssert.AreEqual(
            s_weights,
            File.ReadAllBytes(Path.Combine(Repository, "snapshots", old, "model.safetensors"))
        );
    }

    [TestMethod]
    public async Task Weights_in_several_files_are_fetched_as_their_index_names_them()
    {
        byte[] second = Bytes(4000, 9);
        _server.Add(
            Id,
            new Dictionary<string, byte[]>
            {
                ["config.json"] = s_configuration,
                ["vocab.txt"] = s_words,
                ["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(
                    """{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}"""
                ),
                ["model-1.safetensors"] = s_weights,
                ["model-2.safetensors"] = second,
                ["model-3.safetensors"] = Bytes(4000, 10),
            }
        );
        string folder = await Hub().GetFolderAsync(Id);
        CollectionAssert.AreEquivalent(
            new[]
            {
                "config.json",
                "vocab.txt",
                "model.safetensors.index.json",
                "model-1.safetensors",
                "model-2.safetensors",
            },
            Names(folder)
        );
        Assert.AreEqual(folder, await Hub(offline: true).GetFolderAsync(Id));
        File.Delete(Path.Combine(folder, "model-2.safetensors"));
        var error = await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => Hub(offline: true).GetFolderAsync(Id));
        StringAssert.Contains(error.Message, "model-2.safetensors");
    }

    [TestMethod]
    public async Task A_folder_that_is_there_wins_over_the_hub()
    {
        string before = Environment.CurrentDirectory;
        Directory.CreateDirectory(_folder["work", "owner", "tiny-model"]);
        Environment.CurrentDirectory = _folder["work"];
        try
        {
            Assert.AreEqual(Path.GetFullPath(Id), await Hub().GetFolderAsync(Id));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
        Assert.IsEmpty(_server.Requests);
    }

    [TestMethod]
    public async Task Progress_goes_up_to_the_size_of_all_files()
    {
        _server.Add(Id, Files());
        var reports = new List<ModelHubProgress>();
        await new ModelHub
        {
            CacheFolder = _folder.Path,
            Endpoint = _server.Endpoint,
            Environment = s_empty,
            Progress = new Listener(reports.Add),
        }.GetFolderAsync(Id);
        ModelHubProgress[] weights = [.. reports.Where(report => report.File == "model.safetensors")];
        Assert.AreEqual(new ModelHubProgress(Id, "model.safetensors", s_weights.Length, s_weights.Length), weights[^1]);
        Assert.IsGreaterThan(1, weights.Length);
        CollectionAssert.AreEqual(
            weights.Select(report => report.Bytes).Order().ToArray(),
            weights.Select(report => report.Bytes).ToArray()
        );
        Assert.IsTrue(reports.Any(report => report.File == "config.json"));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task The_environment_says_what_options_leave_open(bool links)
    {
        string commit = _server.Add(Id, Files());
        var variables = new Dictionary<string, string>
        {
            ["HF_HOME"] = _folder.Path,
            ["HF_TOKEN"] = Token,
            ["HF_ENDPOINT"] = $"{_server.Endpoint}",
            ["HF_HUB_DISABLE_SYMLINKS"] = links ? "0" : "1",
        };
        var environment = new HubEnvironment(name => variables.GetValueOrDefault(name));
        string folder = await new ModelHub { Environment = environment }.GetFolderAsync(Id);
        Assert.AreEqual(_folder["hub", "models--owner--tiny-model", "snapshots", commit], folder);
        Assert.AreEqual($"Bearer {Token}", _server.Requests[0]["Authorization"]);
        string path = Path.Combine(folder, "model.safetensors");
        Assert.AreEqual(links, new FileInfo(path).LinkTarget is not null);
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(path));
        variables["HF_HUB_OFFLINE"] = "1";
        Assert.AreEqual(folder, await new ModelHub { Environment = environment }.GetFolderAsync(Id));

        int before = _server.Requests.Count;
        await new ModelHub
        {
            Environment = environment,
            Token = "",
            Offline = false,
        }.GetFolderAsync(Id);
        Assert.IsNull(_server.Requests[before]["Authorization"], "an empty token is none");
    }

    [TestMethod]
    public async Task Without_links_a_content_that_two_commits_have_is_copied()
    {
        string first = _server.Add(Id, Files());
        var environment = new HubEnvironment(name => name == "HF_HUB_DISABLE_SYMLINKS" ? "1" : null);
        ModelHub hub = new()
        {
            CacheFolder = _folder.Path,
            Endpoint = _server.Endpoint,
            Environment = environment,
        };
        await hub.GetFolderAsync(Id);
        // As a cache that was filled with links has it.
        Directory.CreateDirectory(Path.Combine(Repository, "blobs"));
        File.WriteAllBytes(Path.Combine(Repository, "blobs", _server.HashOf(s_weights)), s_weights);
        string second = _server.Add(Id, Files(("config.json", Bytes(70, 4))));
        await hub.GetFolderAsync(Id);
        foreach (string commit in (string[])[first, second])
        {
            var file = new FileInfo(Path.Combine(Repository, "snapshots", commit, "model.safetensors"));
            Assert.IsNull(file.LinkTarget);
            Assert.AreEqual(s_weights.Length, file.Length);
        }
        Assert.AreEqual(1, _server.CountOf(s_weights));
        CollectionAssert.AreEqual(new[] { _server.HashOf(s_weights) }, Names(Path.Combine(Repository, "blobs")));
    }

    private static readonly HubEnvironment s_empty = new(_ => null);

    private ModelHub Hub(string? token = null, bool? offline = null, HttpClient? client = null) =>
        new()
        {
            CacheFolder = _folder.Path,
            Endpoint = _server.Endpoint,
            Token = token ?? "",
            Offline = offline,
            HttpClient = client,
            Environment = s_empty,
            FirstDelay = TimeSpan.FromMilliseconds(1),
        };

    private static Dictionary<string, byte[]> Files(params (string Name, byte[] Content)[] others)
    {
        var files = new Dictionary<string, byte[]>
        {
            ["config.json"] = s_configuration,
            ["vocab.txt"] = s_words,
            ["model.safetensors"] = s_weights,
        };
        foreach ((string name, byte[] content) in others)
        {
            files[name] = content;
        }
        return files;
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static string[] Names(string folder) =>
        [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path))];

    private sealed class Listener(Action<ModelHubProgress> heard) : IProgress<ModelHubProgress>
    {
        public void Report(ModelHubProgress value) => heard(value);
    }
}
