using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ssna.MLNet.Testing;

/// <summary>
/// A hub on loopback, as the Hugging Face hub answers: what a revision means, and contents, of which the large ones lie on another
/// host (127.0.0.1 is the hub, localhost the other).
/// </summary>
public sealed class HubServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, Repository> _repositories = new();
    private readonly ConcurrentDictionary<string, byte[]> _contents = new();
    private readonly ConcurrentQueue<Request> _requests = new();

    /// <summary>Starts to listen.</summary>
    public HubServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>A request that came.</summary>
    /// <param name="Host">The host that it asked, with the port.</param>
    /// <param name="Path">The path, with the query.</param>
    /// <param name="Headers">Its headers.</param>
    public sealed record Request(string Host, string Path, IReadOnlyDictionary<string, string> Headers)
    {
        /// <summary>A header, or null.</summary>
        public string? this[string header] => Headers.GetValueOrDefault(header);
    }

    /// <summary>An answer.</summary>
    /// <param name="Status">Its status.</param>
    /// <param name="Body">Its content.</param>
    public sealed record Answer(int Status, byte[] Body)
    {
        /// <summary>Headers beside the length.</summary>
        public Dictionary<string, string> Headers { get; init; } = [];

        /// <summary>After how many bytes of the content the connection breaks; null for never.</summary>
        public int? BreaksAfter { get; init; }

        /// <summary>What is waited for before the content is sent, or null.</summary>
        public Task? Waits { get; init; }
    }

    private sealed record Repository(Dictionary<string, byte[]> Files, ConcurrentDictionary<string, string> Commits);

    /// <summary>The hub's address.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    /// <summary>What came, in order.</summary>
    public IReadOnlyList<Request> Requests => [.. _requests];

    /// <summary>The requests for contents of a file, whatever host they asked.</summary>
    public int CountOf(byte[] content) =>
        Requests.Count(request => request.Path.Contains(Sha256(content), StringComparison.Ordinal));

    /// <summary>Changes an answer, or gives another; null for none.</summary>
    public Func<Request, Answer, Answer>? Change { get; set; }

    /// <summary>Files of this size and more lie on the other host.</summary>
    public int LargeFrom { get; set; } = 2000;

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Puts a model on the hub, or another commit of it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="files">Its files.</param>
    /// <param name="revision">What means this commit.</param>
    /// <returns>The commit.</returns>
    public string Add(string id, IReadOnlyDictionary<string, byte[]> files, string revision = "main")
    {
        Repository repository = _repositories.GetOrAdd(id, _ => new([], new()));
        string commit = Sha256(
            Encoding.UTF8.GetBytes(string.Join('\n', files.Select(file => file.Key + Sha256(file.Value))))
        )[..40];
        repository.Commits[revision] = repository.Commits[commit] = commit;
        foreach ((string name, byte[] content) in files)
        {
            repository.Files[$"{commit}/{name}"] = content;
            _contents[Sha256(content)] = content;
        }
        return commit;
    }

    /// <summary>The files of a folder, by their names.</summary>
    public static Dictionary<string, byte[]> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);

    /// <summary>The name of a content in the cache: SHA-256 of a large one, git's hash of a small one.</summary>
    public string HashOf(byte[] content) => content.Length >= LargeFrom ? Sha256(content) : GitHash(content);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token).ConfigureAwait(false);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server is gone.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient _ = client;
        try
        {
            NetworkStream stream = client.GetStream();
            if (await ReadRequestAsync(stream).ConfigureAwait(false) is not { } request)
            {
                return;
            }
            _requests.Enqueue(request);
            Answer answer = Respond(request);
            await WriteAsync(client, stream, Change?.Invoke(request, answer) ?? answer).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The other end is gone.
        }
    }

    private static async Task<Request?> ReadRequestAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = await stream.ReadAsync(buffer).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        string[] lines = text.ToString().Split("\r\n");
        Dictionary<string, string> headers = lines
            .Skip(1)
            .TakeWhile(line => line.Length > 0)
            .Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        return new Request(headers["Host"], lines[0].Split(' ')[1], headers);
    }

    private Answer Respond(Request request)
    {
        string[] parts = request.Path.Split('?')[0].Trim('/').Split('/');
        if (parts is ["cdn", var hash] && _contents.TryGetValue(hash, out byte[]? content))
        {
            return Content(request, content);
        }
        bool isListing = parts is ["api", "models", ..] && parts.Contains("revision");
        int at = Array.IndexOf(parts, isListing ? "revision" : "resolve");
        if (
            at < 0
            || !_repositories.TryGetValue(string.Join('/', parts[(isListing ? 2 : 0)..at]), out Repository? found)
        )
        {
            // As the hub answers strangers, whatever there is.
            return Refusal(401, "RepoNotFound", "Repository not found");
        }
        string revision = Uri.UnescapeDataString(parts[at + 1]);
        if (!found.Commits.TryGetValue(revision, out string? commit))
        {
            return Refusal(404, "RevisionNotFound", $"Invalid rev id: {revision}");
        }
        if (isListing)
        {
            return new Answer(200, Listing(found, commit)) { Headers = { ["Content-Type"] = "application/json" } };
        }
        if (!found.Files.TryGetValue($"{commit}/{string.Join('/', parts[(at + 2)..])}", out byte[]? file))
        {
            return Refusal(404, "EntryNotFound", "Entry not found");
        }
        return file.Length < LargeFrom
            ? Content(request, file)
            : new Answer(302, [])
            {
                Headers =
                {
                    ["Location"] = $"http://localhost:{Port}/cdn/{Sha256(file)}",
                    ["X-Repo-Commit"] = commit,
                    ["X-Linked-Etag"] = $"\"{Sha256(file)}\"",
                    ["X-Linked-Size"] = file.Length.ToString(CultureInfo.InvariantCulture),
                },
            };
    }

    /// <summary>A refusal in the hub's words.</summary>
    public static Answer Refusal(int status, string code, string message) =>
        new(status, Encoding.UTF8.GetBytes("refused"))
        {
            Headers = { ["X-Error-Code"] = code, ["X-Error-Message"] = message },
        };

    private static Answer Content(Request request, byte[] content)
    {
        if (request["Range"] is not { } range)
        {
            return new Answer(200, content);
        }
        int from = int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
        return from < content.Length
            ? new Answer(206, content[from..])
            {
                Headers = { ["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}" },
            }
            : new Answer(416, []);
    }

    private byte[] Listing(Repository repository, string commit) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                id = "a/model",
                sha = commit,
                siblings = repository
                    .Files.Where(file => file.Key.StartsWith(commit, StringComparison.Ordinal))
                    .Select(file => new Dictionary<string, object?>
                    {
                        ["rfilename"] = file.Key[(commit.Length + 1)..],
                        ["size"] = file.Value.Length,
                        ["blobId"] = GitHash(file.Value),
                        ["lfs"] =
                            file.Value.Length < LargeFrom
                                ? null
                                : new
                                {
                                    sha256 = Sha256(file.Value),
                                    size = file.Value.Length,
                                    pointerSize = 130,
                                },
                    }),
            }
        );

    private async Task WriteAsync(TcpClient client, NetworkStream stream, Answer answer)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} Answer\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {answer.Body.Length}\r\nConnection: close\r\n");
        foreach ((string name, string value) in answer.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }
        head.Append("\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString())).ConfigureAwait(false);
        if (answer.BreaksAfter is { } bytes)
        {
            await stream.WriteAsync(answer.Body.AsMemory(0, Math.Min(bytes, answer.Body.Length))).ConfigureAwait(false);
            await stream.FlushAsync().ConfigureAwait(false);
            client.Close();
            return;
        }
        if (answer.Waits is { } waits)
        {
            int half = answer.Body.Length / 2;
            await stream.WriteAsync(answer.Body.AsMemory(0, half)).ConfigureAwait(false);
            await waits.WaitAsync(_stop.Token).ConfigureAwait(false);
            await stream.WriteAsync(answer.Body.AsMemory(half)).ConfigureAwait(false);
            return;
        }
        await stream.WriteAsync(answer.Body).ConfigureAwait(false);
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static string GitHash(byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {content.Length}\0"))
        );
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
