using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Hub;

/// <summary>Brings one revision of a model into the cache, where it is not there yet.</summary>
/// <param name="model">The model.</param>
/// <param name="wanted">Which of its files.</param>
/// <param name="cache">Its part of the cache.</param>
/// <param name="address">Where the hub has it.</param>
/// <param name="client">What asks the hub; null where nobody may.</param>
/// <param name="tell">Takes lines for the log.</param>
/// <param name="grown">Told of a file, of the bytes of all files that are there and of those that there will be; null for nobody.</param>
internal sealed class HubFetch(
    HubModel model,
    HubFiles wanted,
    HubCache cache,
    HubAddress address,
    HubClient? client,
    Action<string> tell,
    Action<string, long, long>? grown
)
{
    private static readonly TimeSpan s_lockInterval = TimeSpan.FromMilliseconds(100);

    private string Name => $"The model '{model}' of the Hugging Face hub";

    /// <summary>The commit whose files are in the cache now.</summary>
    /// <exception cref="FileNotFoundException">
    /// There is no such model or revision, it lacks a file, or it is not in the cache and nobody may ask for it.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The model is closed to the token, or to who has none.</exception>
    /// <exception cref="HttpRequestException">The hub is not reached, and the cache lacks the model.</exception>
    /// <exception cref="InvalidDataException">What came is not what the hub says that the file holds.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped. What has come stays, and is not fetched again.</exception>
    public async Task<string> RunAsync(CancellationToken cancellation)
    {
        string? cached = cache.ReadReference(model.Revision);
        string? lacks = cached is null ? null : Lacks(cached);
        bool usable = cached is not null && lacks is null;
        if (usable && HubModel.IsCommit(model.Revision) && wanted.Settings.All(name => IsSettled(cached!, name)))
        {
            return cached!; // a commit never changes, and nothing of it is unknown
        }
        if (client is null)
        {
            return usable
                ? cached!
                : throw new FileNotFoundException(
                    $"{Name} is not in the cache '{cache.Root}'"
                        + (lacks is null ? "" : $" (commit {cached} is, without {lacks})")
                        + ", and nothing is fetched: HF_HUB_OFFLINE is set, or option Offline."
                );
        }
        HubListing listing;
        try
        {
            listing = HubListing.Parse(
                await client.ReadAsync(address.Listing, Name, persistent: !usable, cancellation).ConfigureAwait(false),
                address.Listing.ToString()
            );
        }
        catch (HttpRequestException error) when (usable && (error as HubRefusal)?.Code != "RevisionNotFound")
        {
            tell($"{Name} is read as it was when it was fetched, commit {cached}: {error.Message}");
            return cached!;
        }
        await FetchAllAsync(listing, cancellation).ConfigureAwait(false);
        // Last, so that a revision never means a commit of which files are missing.
        cache.WriteReference(model.Revision, listing.Commit);
        return listing.Commit;
    }

    private string? Lacks(string commit) => wanted.LacksIn(cache.Snapshot(commit), name => cache.Has(commit, name));

    private bool IsSettled(string commit, string name) => cache.Has(commit, name) || cache.IsKnownMissing(commit, name);

    private async Task FetchAllAsync(HubListing listing, CancellationToken cancellation)
    {
        CheckOffer(listing);
        foreach (string name in wanted.Settings.Where(name => !listing.Files.ContainsKey(name)))
        {
            cache.MarkMissing(listing.Commit, name);
        }
        HubFile[] settings = Missing(
            listing,
            listing.Files.ContainsKey(wanted.Weights) ? wanted.Settings : [.. wanted.Settings, wanted.Index!]
        );
        await FetchFilesAsync(listing.Commit, settings, cancellation).ConfigureAwait(false);
        // The index has come with the settings. Weights come last: where they are, the rest is too.
        string[] weights = listing.Files.ContainsKey(wanted.Weights)
            ? [wanted.Weights]
            : Shards(listing, Path.Combine(cache.Snapshot(listing.Commit), wanted.Index!));
        await FetchFilesAsync(listing.Commit, Missing(listing, weights), cancellation).ConfigureAwait(false);
    }

    private HubFile[] Missing(HubListing listing, IEnumerable<string> names) =>
        [
            .. names
                .Where(name => !cache.Has(listing.Commit, name))
                .Select(name => listing.Files.GetValueOrDefault(name))
                .OfType<HubFile>(),
        ];

    private void CheckOffer(HubListing listing)
    {
        if (
            !listing.Files.ContainsKey(wanted.Weights)
            && (wanted.Index is null || !listing.Files.ContainsKey(wanted.Index))
        )
        {
            string[] others = [.. listing.Files.Keys.Where(IsOtherFormat).Order(StringComparer.Ordinal)];
            throw new FileNotFoundException(
                $"{Name} has no {wanted.Weights} at commit {listing.Commit}"
                    + (others.Length == 0 ? "" : $", but {string.Join(", ", others)}")
                    + ". Weights are read as safetensors alone: other formats can run code (pickle) or are of other frameworks. "
                    + $"Another revision may hold them, often a pull request of the hub's converter: '{model.Id}@refs/pr/1', say "
                    + $"(the tab Community of {address.Page} lists them)."
            );
        }
        if (wanted.Lacks(listing.Files.ContainsKey) is { } missing)
        {
            throw new FileNotFoundException(
                $"{Name} is no {wanted.What} that is read: expected {missing} at commit {listing.Commit}, found "
                    + $"{string.Join(", ", listing.Files.Keys.Order(StringComparer.Ordinal))}."
            );
        }
    }

    private static bool IsOtherFormat(string name) =>
        Path.GetExtension(name)
            is ".bin"
                or ".pt"
                or ".pth"
                or ".ckpt"
                or ".h5"
                or ".msgpack"
                or ".ot"
                or ".onnx"
                or ".safetensors";

    private string[] Shards(HubListing listing, string index)
    {
        string[] shards = [.. CheckpointFolder.ShardsOf(index)];
        return
            shards.FirstOrDefault(shard =>
                !listing.Files.ContainsKey(shard) || Path.GetExtension(shard) != ".safetensors"
            )
                is { } wrong
            ? throw new InvalidDataException(
                $"{Name}: '{wanted.Index}' names the file '{wrong}'; expected the .safetensors files of commit {listing.Commit}."
            )
            : shards;
    }

    private async Task FetchFilesAsync(string commit, HubFile[] files, CancellationToken cancellation)
    {
        if (files.Length == 0)
        {
            return;
        }
        long size = files.Sum(file => file.Size);
        tell(
            $"Fetching {string.Join(", ", files.Select(file => file.Name))} of '{model}' (commit {commit}), {Megabytes(size)}, "
                + $"into '{cache.Root}'."
        );
        var halfMinutes = new HalfMinutes();
        long before = 0;
        foreach (HubFile file in files)
        {
            long start = before;
            await FetchFileAsync(
                    commit,
                    file,
                    bytes =>
                    {
                        grown?.Invoke(file.Name, start + bytes, size);
                        if (halfMinutes.Passed())
                        {
                            tell($"'{model}': {Megabytes(start + bytes)} of {Megabytes(size)}.");
                        }
                    },
                    cancellation
                )
                .ConfigureAwait(false);
            before += file.Size;
        }
    }

    private static string Megabytes(long bytes) => $"{bytes / 1e6:N1} MB";

    private async Task FetchFileAsync(
        string commit,
        HubFile file,
        Action<long> progress,
        CancellationToken cancellation
    )
    {
        using IDisposable held = await HoldAsync(cache.Lock(file.Hash), cancellation).ConfigureAwait(false);
        bool isNew = !cache.HasBlob(file.Hash, file.Size);
        if (isNew)
        {
            string blob = cache.Blob(file.Hash);
            Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
            await FetchContentAsync(commit, file, $"{blob}.incomplete", progress, cancellation).ConfigureAwait(false);
            File.Move($"{blob}.incomplete", blob, overwrite: true);
        }
        progress(file.Size);
        cache.Place(file.Hash, commit, file.Name, isNew);
    }

    private async Task FetchContentAsync(
        string commit,
        HubFile file,
        string path,
        Action<long> progress,
        CancellationToken cancellation
    )
    {
        string what = $"{Name}, file '{file.Name}'";
        HubTarget target = await HubTarget.OpenAsync(path, file, progress, cancellation).ConfigureAwait(false);
        string found;
        await using (target.ConfigureAwait(false))
        {
            // What somebody left who was interrupted may be of another content, or damaged: then it is fetched anew, once.
            bool wasBegun = target.Length > 0;
            while (true)
            {
                Uri uri = address.File(commit, file.Name);
                await client!.AppendAsync(uri, what, target, file.Size, cancellation).ConfigureAwait(false);
                found = target.Finish();
                if (found == file.Hash || !wasBegun)
                {
                    break;
                }
                target.Clear();
                wasBegun = false;
            }
        }
        if (found != file.Hash)
        {
            File.Delete(path);
            throw new InvalidDataException(
                $"{what}: expected a content with the hash {file.Hash}, as the hub says, found {found} in the "
                    + $"{file.Size:N0} bytes that came. They are not kept."
            );
        }
    }

    private async Task<IDisposable> HoldAsync(string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (bool told = false; ; told = true)
        {
            if (FolderLock.TryTake(path) is { } held)
            {
                return held;
            }
            if (!told)
            {
                tell($"Waiting for another process, or thread, that fetches a file of '{model}'.");
            }
            await Task.Delay(s_lockInterval, cancellation).ConfigureAwait(false);
        }
    }
}
