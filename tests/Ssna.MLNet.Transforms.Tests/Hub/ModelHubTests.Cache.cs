using Microsoft.ML.Transforms;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Hub;

// Caches that are there already.
public sealed partial class ModelHubTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)] // as Python fills it where the system has no links
    public async Task A_cache_that_python_filled_is_used_as_it_is(bool links)
    {
        FillAsPython(links, Commit, "config.json", "model.safetensors", "vocab.txt");
        string[] before = Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories);
        string folder = await Hub(offline: true).GetFolderAsync(Id);
        Assert.AreEqual(Path.Combine(Repository, "snapshots", Commit), folder);
        Assert.AreEqual(folder, await Hub(offline: true).GetFolderAsync($"{Id}@{Commit}"));
        Assert.AreEqual(folder, await Hub(offline: true).GetFolderAsync($"{Id}@refs/pr/1"));
        CollectionAssert.AreEquivalent(
            before,
            Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories),
            "nothing is written"
        );
        Assert.IsEmpty(_server.Requests);
    }

    [TestMethod]
    public async Task A_cache_that_python_filled_is_not_fetched_again()
    {
        string commit = _server.Add(Id, Files());
        FillAsPython(links: true, commit, "config.json", "model.safetensors", "vocab.txt");
        string folder = await Hub().GetFolderAsync(Id);
        Assert.AreEqual(Path.Combine(Repository, "snapshots", commit), folder);
        Assert.HasCount(1, _server.Requests);
        // What is not there is known now: a commit needs no question.
        Assert.AreEqual(folder, await Hub().GetFolderAsync($"{Id}@{commit}"));
        Assert.HasCount(1, _server.Requests);
    }

    [TestMethod]
    public async Task What_a_cache_lacks_is_fetched_and_the_rest_is_not()
    {
        string commit = _server.Add(Id, Files());
        FillAsPython(links: true, commit, "config.json", "model.safetensors");
        await Hub().GetFolderAsync(Id);
        string[] asked = [.. _server.Requests.Select(request => request.Path)];
        Assert.HasCount(2, asked);
        StringAssert.EndsWith(asked[1], "/vocab.txt");
    }

    [TestMethod]
    public async Task A_link_whose_content_has_gone_is_fetched_again()
    {
        _server.Add(Id, Files());
        string folder = await Hub().GetFolderAsync(Id);
        File.Delete(Path.Combine(Repository, "blobs", _server.HashOf(s_weights)));
        var error = await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => Hub(offline: true).GetFolderAsync(Id));
        StringAssert.Contains(error.Message, "without model.safetensors");
        Assert.AreEqual(folder, await Hub().GetFolderAsync(Id));
        CollectionAssert.AreEqual(s_weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [TestMethod]
    public async Task Offline_an_empty_cache_is_said_with_its_place()
    {
        _server.Add(Id, Files());
        foreach (ModelHub hub in (ModelHub[])[Hub(offline: true), OfflineByEnvironment()])
        {
            var error = await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => hub.GetFolderAsync(Id));
            StringAssert.Contains(error.Message, _folder.Path);
            StringAssert.Contains(error.Message, "HF_HUB_OFFLINE");
            StringAssert.Contains(error.Message, $"'{Id}' does not exist (looked for");
        }
        Assert.IsEmpty(_server.Requests);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Path));

        ModelHub OfflineByEnvironment() =>
            new() { CacheFolder = _folder.Path, Environment = new(name => name == "HF_HUB_OFFLINE" ? "1" : null) };
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(503)]
    [DataRow(401)]
    public async Task Where_the_hub_does_not_answer_what_was_fetched_before_is_used(int status)
    {
        _server.Add(Id, Files());
        string folder = await Hub().GetFolderAsync(Id);
        if (status == 0)
        {
            _server.Dispose();
        }
        _server.Change = (_, _) => HubServer.Refusal(status, status == 401 ? "RepoNotFound" : "", "no");
        Assert.AreEqual(folder, await Hub().GetFolderAsync(Id));
        await Assert.ThrowsAsync<Exception>(() => Hub().GetFolderAsync($"{Id}@other"));
    }

    [TestMethod]
    public async Task A_revision_that_is_gone_is_an_error_though_it_was_fetched_before()
    {
        _server.Add(Id, Files(), "topic");
        await Hub().GetFolderAsync($"{Id}@topic");
        _server.Change = (_, _) => HubServer.Refusal(404, "RevisionNotFound", "Invalid rev id: topic");
        await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => Hub().GetFolderAsync($"{Id}@topic"));
    }

    [TestMethod]
    public async Task Threads_that_want_the_same_model_fetch_it_once()
    {
        _server.Add(Id, Files());
        string[] folders = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => Hub().GetFolderAsync(Id)))
        );
        Assert.HasCount(1, folders.Distinct());
        Assert.AreEqual(1, _server.CountOf(s_weights));
    }

    [TestMethod]
    public void Processes_that_want_the_same_model_fetch_it_once()
    {
        using var encoder = new TemporaryFolder();
        TinyEncoder.Write(encoder.Path);
        Dictionary<string, byte[]> files = HubServer.FilesOf(encoder.Path);
        _server.Add(Id, files);
        // Whoever is first has the weights half until the other has come and asked for them, or waits.
        var release = new TaskCompletionSource();
        int listings = 0;
        _server.Change = (request, answer) =>
        {
            if (request.Path.StartsWith("/api/", StringComparison.Ordinal) && Interlocked.Increment(ref listings) == 2)
            {
                _ = Task.Delay(500).ContinueWith(_ => release.TrySetResult(), TaskScheduler.Default);
            }
            return request.Path.StartsWith("/cdn/", StringComparison.Ordinal)
                ? answer with
                {
                    Waits = release.Task,
                }
                : answer;
        };
        var environment = new Dictionary<string, string>
        {
            ["HF_HUB_CACHE"] = _folder.Path,
            ["HF_ENDPOINT"] = $"{_server.Endpoint}",
            ["HF_HUB_OFFLINE"] = "0",
            ["HF_TOKEN"] = "",
            ["HF_HOME"] = _folder["home"],
        };
        (int ExitCode, string Output, string Errors)[] runs = new (int, string, string)[2];
        Parallel.For(
            0,
            2,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            i => runs[i] = FreshProcess.Run(FreshProcess.Folder, environment, "encoders", Id)
        );
        foreach ((int exitCode, string output, string errors) in runs)
        {
            Assert.AreEqual((0, "read"), (exitCode, output), errors);
        }
        Assert.AreEqual(2, listings);
        Assert.AreEqual(1, _server.CountOf(files["model.safetensors"]));
        Assert.IsEmpty(Directory.GetFiles(_folder.Path, "*.incomplete", SearchOption.AllDirectories));
    }

    // What transformers leaves: the commit in refs without a line break, contents by their ETags, relative links to them, and
    // empty files for what the hub does not have.
    private void FillAsPython(bool links, string commit, params string[] names)
    {
        string snapshot = Path.Combine(Repository, "snapshots", commit);
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(Repository, "blobs"));
        foreach (string revision in (string[])["main", "refs/pr/1"])
        {
            string reference = Path.Combine([Repository, "refs", .. revision.Split('/')]);
            Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
            File.WriteAllText(reference, commit);
        }
        foreach (string name in names)
        {
            byte[] content = Files()[name];
            string hash = _server.HashOf(content);
            if (links)
            {
                File.WriteAllBytes(Path.Combine(Repository, "blobs", hash), content);
                File.CreateSymbolicLink(Path.Combine(snapshot, name), $"../../blobs/{hash}");
            }
            else
            {
                File.WriteAllBytes(Path.Combine(snapshot, name), content);
            }
        }
        Directory.CreateDirectory(Path.Combine(Repository, ".no_exist", commit));
        foreach (string missing in (string[])["added_tokens.json", "special_tokens_map.json"])
        {
            File.WriteAllText(Path.Combine(Repository, ".no_exist", commit, missing), "");
        }
    }
}
