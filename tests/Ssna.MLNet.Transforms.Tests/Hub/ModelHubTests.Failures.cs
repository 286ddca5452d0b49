using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Hub;

// What goes wrong between here and the hub.
public sealed partial class ModelHubTests
{
    [TestMethod]
    public async Task A_connection_that_breaks_is_taken_up_where_it_broke()
    {
        _server.Add(Id, Files());
        int left = 3;
        _server.Change = (request, answer) =>
            request.Path.StartsWith("/cdn/", StringComparison.Ordinal) && left-- > 0
                ? answer with
                {
                    BreaksAfter = 70_000,
                }
                : answer;
        string folder = await Hub().GetFolderAsync(Id);
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        string?[] ranges = [.. Contents().Select(request => request["Range"])];
        Assert.HasCount(4, ranges);
        Assert.IsNull(ranges[0]);
        CollectionAssert.AllItemsAreUnique(ranges);
        Assert.IsTrue(ranges[1..].All(range => range!.StartsWith("bytes=", StringComparison.Ordinal)));
        CollectionAssert.AreEquivalent(
            Names(Path.Combine(Repository, "blobs")).Where(name => !name.Contains('.')).ToArray(),
            Names(Path.Combine(Repository, "blobs"))
        );
    }

    [TestMethod]
    public async Task A_fetch_that_was_given_up_goes_on_where_it_was()
    {
        _server.Add(Id, Files());
        _server.Change = (request, answer) =>
            request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
                ? answer with
                {
                    BreaksAfter = request["Range"] is null ? 100_000 : 0,
                }
                : answer;
        var error = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, "/cdn/");
        string incomplete = Path.Combine(Repository, "blobs", $"{_server.HashOf(s_weights)}.incomplete");
        long there = new FileInfo(incomplete).Length;
        Assert.IsTrue(there is > 0 and <= 100_000, $"{there}");
        Assert.IsEmpty(Directory.GetFiles(Repository, "model.safetensors", SearchOption.AllDirectories));

        _server.Change = null;
        string folder = await Hub().GetFolderAsync(Id);
        Assert.AreEqual($"bytes={there}-", Contents()[^1]["Range"]);
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        Assert.IsFalse(File.Exists(incomplete));
    }

    [TestMethod]
    [DataRow(200, 100_000)] // knows no ranges: everything comes again
    [DataRow(206, 50_000)] // gives another range
    [DataRow(416, 100_000)] // says that there is none
    public async Task A_server_that_does_not_go_on_sends_everything_again(int status, int from)
    {
        _server.Add(Id, Files());
        string blobs = Path.Combine(Repository, "blobs");
        Directory.CreateDirectory(blobs);
        File.WriteAllBytes(Path.Combine(blobs, $"{_server.HashOf(s_weights)}.incomplete"), s_weights[..100_000]);
        _server.Change = (request, answer) =>
            answer.Status != 206 ? answer
            : status == 206
                ? new HubServer.Answer(206, s_weights[from..])
                {
                    Headers = { ["Content-Range"] = $"bytes {from}-{s_weights.Length - 1}/{s_weights.Length}" },
                }
            : new HubServer.Answer(status, status == 200 ? s_weights : []);
        string folder = await Hub().GetFolderAsync(Id);
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [TestMethod]
    [DataRow(100_000)]
    [DataRow(300_000)]
    [DataRow(400_000)]
    public async Task What_was_left_of_another_content_is_fetched_anew(int bytes)
    {
        _server.Add(Id, Files());
        string blobs = Path.Combine(Repository, "blobs");
        Directory.CreateDirectory(blobs);
        File.WriteAllBytes(Path.Combine(blobs, $"{_server.HashOf(s_weights)}.incomplete"), Bytes(bytes, 77));
        string folder = await Hub().GetFolderAsync(Id);
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [TestMethod]
    [DataRow("model.safetensors")] // SHA-256
    [DataRow("vocab.txt")] // git's hash
    public async Task A_content_that_is_not_what_the_hub_names_is_refused_and_not_kept(string name)
    {
        _server.Add(Id, Files());
        byte[] right = Files()[name];
        _server.Change = (request, answer) =>
            answer.Body.AsSpan().SequenceEqual(right)
                ? answer with
                {
                    Body = [(byte)~right[0], .. right[1..]],
                }
                : answer;
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, $"'{name}'");
        StringAssert.Contains(error.Message, _server.HashOf(right));
        AssertNothingOf(name, right);
    }

    [TestMethod]
    public async Task A_content_that_is_longer_than_the_hub_names_is_refused_and_not_kept()
    {
        _server.Add(Id, Files());
        _server.Change = (request, answer) =>
            request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
                ? answer with
                {
                    Body = [.. s_weights, 0],
                }
                : answer;
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, "expected 300,000 bytes, found more");
        AssertNothingOf("model.safetensors", s_weights);
    }

    [TestMethod]
    public async Task A_content_that_ends_early_each_time_is_given_up()
    {
        _server.Add(Id, Files());
        // A whole answer, of fewer bytes than the hub names.
        _server.Change = (request, answer) =>
            request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
                ? new HubServer.Answer(
                    request["Range"] is null ? 200 : 206,
                    request["Range"] is null ? s_weights[..1000] : []
                )
                {
                    Headers = { ["Content-Range"] = "bytes 1000-1000/300000" },
                }
                : answer;
        var error = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, "expected 300,000 bytes, found the end after 1,000");
        Assert.IsEmpty(Directory.GetFiles(Repository, "model.safetensors", SearchOption.AllDirectories));
    }

    [TestMethod]
    public async Task A_server_that_says_later_is_asked_later()
    {
        _server.Add(Id, Files());
        // Whatever is asked for the first time.
        var asked = new ConcurrentDictionary<string, int>();
        _server.Change = (request, answer) =>
            asked.TryAdd(request.Path, 0)
                ? HubServer.Refusal(request.Path.StartsWith("/cdn/", StringComparison.Ordinal) ? 429 : 503, "", "later")
                : answer;
        await Hub().GetFolderAsync(Id);
        Assert.IsGreaterThan(4, asked.Count);
        _server.Change = (_, _) => HubServer.Refusal(503, "", "later");
        using var other = new TemporaryFolder();
        int before = _server.Requests.Count;
        var error = await Assert.ThrowsExactlyAsync<HttpRequestException>(() =>
            new ModelHub
            {
                CacheFolder = other.Path,
                Endpoint = _server.Endpoint,
                Environment = s_empty,
                FirstDelay = TimeSpan.FromMilliseconds(1),
            }.GetFolderAsync(Id)
        );
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, error.StatusCode);
        Assert.AreEqual(before + 3, _server.Requests.Count);
    }

    [TestMethod]
    [DataRow(401, "RepoNotFound", typeof(FileNotFoundException), "none of that id, or it is private")]
    [DataRow(404, "RepoNotFound", typeof(FileNotFoundException), "none of that id, or it is private")]
    [DataRow(401, "", typeof(UnauthorizedAccessException), "HF_TOKEN")]
    [DataRow(403, "GatedRepo", typeof(UnauthorizedAccessException), "terms have to be accepted")]
    [DataRow(403, "", typeof(UnauthorizedAccessException), "closed")]
    [DataRow(404, "RevisionNotFound", typeof(FileNotFoundException), "no such revision")]
    [DataRow(418, "", typeof(HttpRequestException), "418")]
    public async Task A_refusal_is_said_with_what_helps(int status, string code, Type kind, string words)
    {
        _server.Add(Id, Files());
        _server.Change = (_, _) => HubServer.Refusal(status, code, "the hub's own words");
        Exception? error = null;
        try
        {
            await Hub().GetFolderAsync(Id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            error = e;
        }
        Assert.AreEqual(kind, error?.GetType());
        StringAssert.Contains(error!.Message, words);
        StringAssert.Contains(error.Message, "the hub's own words");
        StringAssert.Contains(error.Message, $"'{Id}' does not exist (looked for", "a folder may have been meant");
        Assert.HasCount(1, _server.Requests);
    }

    [TestMethod]
    public async Task A_gated_file_is_said_with_the_token_that_was_shown()
    {
        _server.Add(Id, Files());
        _server.Change = (request, answer) =>
            request.Path.Contains("/resolve/", StringComparison.Ordinal)
                ? HubServer.Refusal(403, "GatedRepo", "Access to the model is restricted")
                : answer;
        var error = await Assert.ThrowsExactlyAsync<UnauthorizedAccessException>(() =>
            Hub(token: Token).GetFolderAsync(Id)
        );
        StringAssert.Contains(error.Message, "with the token that was sent");
        Assert.IsFalse(error.ToString().Contains(Token, StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Redirects_without_an_end_are_refused()
    {
        _server.Change = (request, _) => new HubServer.Answer(302, []) { Headers = { ["Location"] = request.Path } };
        var error = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, "leads on and on");
    }

    [TestMethod]
    public async Task A_model_without_safetensors_is_refused_with_where_they_may_be()
    {
        _server.Add(
            Id,
            new Dictionary<string, byte[]>
            {
                ["config.json"] = s_configuration,
                ["vocab.txt"] = s_words,
                ["pytorch_model.bin"] = Bytes(5000, 3),
            }
        );
        var error = await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, "pytorch_model.bin");
        StringAssert.Contains(error.Message, "pickle");
        StringAssert.Contains(error.Message, $"'{Id}@refs/pr/1'");
        Assert.HasCount(1, _server.Requests, "nothing is fetched of what cannot be used");
    }

    [TestMethod]
    [DataRow("vocab.txt", "tokenizer.json, or vocab.txt, or vocab.json and merges.txt")]
    [DataRow("config.json", "config.json")]
    public async Task A_model_that_lacks_a_file_is_refused_before_anything_is_fetched(string name, string expected)
    {
        Dictionary<string, byte[]> files = Files(("sentencepiece.bpe.model", Bytes(50, 4)));
        files.Remove(name);
        _server.Add(Id, files);
        var error = await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, $"expected {expected}");
        StringAssert.Contains(error.Message, "sentencepiece.bpe.model");
        Assert.HasCount(1, _server.Requests);
    }

    [TestMethod]
    [DataRow("""{"weight_map": {"a": "../../x.safetensors"}}""", "x.safetensors")]
    [DataRow("""{"weight_map": {"a": "pytorch_model.bin"}}""", "pytorch_model.bin")]
    [DataRow("""{"weight_map": {"a": "gone.safetensors"}}""", "gone.safetensors")]
    public async Task An_index_that_names_what_is_no_file_of_weights_is_refused(string index, string named)
    {
        Dictionary<string, byte[]> files = Files(
            ("model.safetensors.index.json", Encoding.UTF8.GetBytes(index)),
            ("pytorch_model.bin", Bytes(5000, 3))
        );
        files.Remove("model.safetensors");
        _server.Add(Id, files);
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, named);
        Assert.AreEqual(0, _server.CountOf(files["pytorch_model.bin"]));
    }

    [TestMethod]
    [DataRow("{}", "sha")]
    [DataRow("[]", "object")]
    [DataRow("<html>", "JSON")]
    [DataRow("""{"sha": "../../x", "siblings": []}""", "sha")]
    [DataRow("""{"sha": "0123456789abcdef0123456789abcdef01234567"}""", "siblings")]
    [DataRow(
        """{"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": "config.json", "size": 1, "blobId": "../x"}]}""",
        "blobId"
    )]
    [DataRow(
        """{"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": "config.json", "size": -1, "blobId": "0123456789abcdef0123456789abcdef01234567"}]}""",
        "size"
    )]
    public async Task An_answer_that_is_none_of_the_hubs_is_refused(string answer, string word)
    {
        _server.Change = (_, _) => new HubServer.Answer(200, Encoding.UTF8.GetBytes(answer));
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => Hub().GetFolderAsync(Id));
        StringAssert.Contains(error.Message, word);
        StringAssert.Contains(error.Message, "/api/models/");
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [TestMethod]
    public async Task A_hub_that_is_not_reached_is_said_with_its_address()
    {
        Uri gone = _server.Endpoint;
        _server.Dispose();
        var hub = new ModelHub
        {
            CacheFolder = _folder.Path,
            Endpoint = gone,
            Environment = s_empty,
            FirstDelay = TimeSpan.FromMilliseconds(1),
        };
        var error = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => hub.GetFolderAsync(Id));
        StringAssert.Contains(error.Message, gone.Authority);
    }

    [TestMethod]
    [DataRow("encoder")]
    [DataRow("./models/encoder")]
    [DataRow("a/b/c")]
    public async Task What_is_neither_a_folder_nor_an_id_is_refused_without_a_question(string model)
    {
        var error = await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => Hub().GetFolderAsync(model));
        StringAssert.Contains(error.Message, $"'{model}' does not exist");
        StringAssert.Contains(error.Message, "owner/name");
        Assert.IsEmpty(_server.Requests);
    }

    [TestMethod]
    public async Task An_endpoint_that_is_no_address_is_refused_by_name()
    {
        var hub = new ModelHub
        {
            CacheFolder = _folder.Path,
            Environment = new(name => name == "HF_ENDPOINT" ? "hub" : null),
        };
        var error = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => hub.GetFolderAsync(Id));
        StringAssert.Contains(error.Message, "HF_ENDPOINT");
    }

    [TestMethod]
    public async Task Cancelling_stops_in_the_middle_and_leaves_nothing_half_in_a_snapshot()
    {
        _server.Add(Id, Files());
        using var cancellation = new CancellationTokenSource();
        var never = new TaskCompletionSource();
        _server.Change = (request, answer) =>
            request.Path.StartsWith("/cdn/", StringComparison.Ordinal) ? answer with { Waits = never.Task } : answer;
        var hub = new ModelHub
        {
            CacheFolder = _folder.Path,
            Endpoint = _server.Endpoint,
            Environment = s_empty,
            Progress = new Listener(report =>
            {
                if (report.File == "model.safetensors" && report.Bytes > 0)
                {
                    cancellation.Cancel();
                }
            }),
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => hub.GetFolderAsync(Id, cancellation.Token));
        AssertNothingOf("model.safetensors", s_weights);
        Assert.IsGreaterThan(
            0,
            new FileInfo(Path.Combine(Repository, "blobs", $"{_server.HashOf(s_weights)}.incomplete")).Length,
            "what has come is kept"
        );
        Assert.IsFalse(Directory.Exists(Path.Combine(Repository, "refs")), "the branch means nothing yet");

        _server.Change = null;
        string folder = await Hub().GetFolderAsync(Id);
        StringAssert.StartsWith(Contents()[^1]["Range"], "bytes=");
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    private HubServer.Request[] Contents() =>
        [.. _server.Requests.Where(request => request.Path.StartsWith("/cdn/", StringComparison.Ordinal))];

    private void AssertNothingOf(string name, byte[] content)
    {
        Assert.IsEmpty(Directory.GetFiles(Repository, name, SearchOption.AllDirectories));
        Assert.IsFalse(File.Exists(Path.Combine(Repository, "blobs", _server.HashOf(content))));
    }
}
