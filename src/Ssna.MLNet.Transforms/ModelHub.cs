using System.Collections.Concurrent;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Hub;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>
/// Fetches models by their ids from the Hugging Face hub, once, into the cache that Python's huggingface_hub fills and reads too.
/// Settings that are left out are those of the environment, by the names that they have there.
/// </summary>
/// <remarks>
/// A model is named as <c>owner/name</c>, or as <c>owner/name@revision</c> with a branch, a tag, a commit or a reference such as
/// <c>refs/pr/1</c>; without one it is the branch main. Only safetensors, JSON and text files are fetched, never pickle, and each is
/// compared with the size and the hash that the hub names. The hub is asked what a branch means each time; where it is not reached,
/// what was fetched before is used. A whole commit that is in the cache is used without a question. What is sent is the
/// request, the token, and <c>Ssna.MLNet</c> as the user agent; the token goes to the hub's own address alone.
/// </remarks>
public sealed class ModelHub
{
    /// <summary>What sends the requests, for proxies, certificates and the like; not disposed of. Default null: one that all share.</summary>
    /// <remarks>
    /// One that does not follow redirects by itself is best (<c>AllowAutoRedirect = false</c>): they are followed here, with the token
    /// to the hub's own address and without it to any other.
    /// </remarks>
    public HttpClient? HttpClient { get; init; }

    /// <summary>
    /// The folder of the cache. Default null: HF_HUB_CACHE, else the folder hub in HF_HOME, else <c>~/.cache/huggingface/hub</c>.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// The access token, for models that are private or gated; an empty text for none. Default null: HF_TOKEN, else what
    /// <c>hf auth login</c> wrote into HF_HOME.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>The hub's address, of a mirror say. Default null: HF_ENDPOINT, else <c>https://huggingface.co</c>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Whether only what is in the cache may be used. Default null: HF_HUB_OFFLINE.</summary>
    public bool? Offline { get; init; }

    /// <summary>Told of what has come, on whatever thread; null for nobody. Default null.</summary>
    public IProgress<ModelHubProgress>? Progress { get; init; }

    /// <summary>The environment, for tests.</summary>
    internal HubEnvironment Environment { get; init; } = HubEnvironment.Process;

    /// <summary>What is waited when a connection has broken for the first time.</summary>
    internal TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The folder of an encoder on this machine, its files fetched where they are not in the cache.</summary>
    /// <param name="model">A folder, which is given back as a full path, or a model's id, with or without a revision.</param>
    /// <param name="cancellationToken">Stops it. What has come stays in the cache, and is not fetched again.</param>
    /// <exception cref="FileNotFoundException">
    /// There is neither such a folder nor such a model, the model lacks a file or has no safetensors, or it is not in the cache and
    /// nothing may be fetched.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The model is private or gated, or the cache may not be written.</exception>
    /// <exception cref="HttpRequestException">The hub is not reached, and the cache lacks the model.</exception>
    /// <exception cref="InvalidDataException">What came is not what the hub says that the file holds.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<string> GetFolderAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ModelFolder found = await FindAsync(model, HubFiles.Encoder, _ => { }, cancellationToken).ConfigureAwait(false);
        return found.Path;
    }

    /// <summary>The same for who waits: lines go to the log, and the work's own ways of being stopped count.</summary>
    internal ModelFolder Find(string model, HubFiles wanted, RunContext context)
    {
        // The log and what stops the work belong to the thread that waits.
        var lines = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        Task<ModelFolder> task = Task.Run(() => FindAsync(model, wanted, lines.Enqueue, stop.Token));
        try
        {
            while (!WaitHandle(task))
            {
                Tell();
                context.CheckAlive();
            }
            Tell();
        }
        catch
        {
            stop.Cancel();
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
            throw;
        }
        return task.GetAwaiter().GetResult();

        static bool WaitHandle(Task task) =>
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne(TimeSpan.FromMilliseconds(50));

        void Tell()
        {
            while (lines.TryDequeue(out string? line))
            {
                context.Info(line);
            }
        }
    }

    private async Task<ModelFolder> FindAsync(
        string model,
        HubFiles wanted,
        Action<string> tell,
        CancellationToken cancellation
    )
    {
        if (ModelFolder.OfPath(model) is { } folder)
        {
            return folder;
        }
        HubModel named = HubModel.Parse(model) ?? throw ModelFolder.NotFound(model);
        string cacheFolder = Path.GetFullPath(CacheFolder ?? Environment.CacheFolder);
        string at = (Endpoint?.AbsoluteUri ?? Environment.Endpoint).TrimEnd('/');
        if (!Uri.TryCreate(at, UriKind.Absolute, out Uri? endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            throw new InvalidOperationException(
                $"Option {nameof(Endpoint)}, or the environment's HF_ENDPOINT: expected an address of http or https, found '{at}'."
            );
        }
        var cache = new HubCache(cacheFolder, named.Id, Environment.AllowsLinks);
        HubClient? client =
            Offline ?? Environment.Offline
                ? null
                : new HubClient(
                    HttpClient,
                    endpoint,
                    Token is null ? Environment.Token : NullIfEmpty(Token),
                    FirstDelay
                );
        Action<string, long, long>? grown = Progress is null
            ? null
            : (file, bytes, size) => Progress.Report(new ModelHubProgress(named.ToString(), file, bytes, size));
        var fetch = new HubFetch(named, wanted, cache, new HubAddress(endpoint, named), client, tell, grown);
        try
        {
            string commit = await fetch.RunAsync(cancellation).ConfigureAwait(false);
            return new ModelFolder(cache.Snapshot(commit), $"{named.Id}@{commit}");
        }
        catch (HubRefusal refusal)
        {
            throw refusal.ForCaller($" {ModelFolder.NoSuchFolder(model)}");
        }
        catch (HttpRequestException error)
        {
            throw new HttpRequestException(
                error.HttpRequestError,
                $"The model '{named}' is not in the cache '{cacheFolder}', and was not fetched: {error.Message} "
                    + ModelFolder.NoSuchFolder(model),
                error,
                error.StatusCode
            );
        }
        catch (FileNotFoundException error)
        {
            throw new FileNotFoundException($"{error.Message} {ModelFolder.NoSuchFolder(model)}", model, error);
        }
    }

    private static string? NullIfEmpty(string token) => token.Length == 0 ? null : token;
}
