using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Hub;

/// <summary>
/// One model's part of the cache, in the layout of Python's huggingface_hub: contents in <c>blobs</c> by their hashes, a folder of
/// links to them in <c>snapshots</c> for each commit, and in <c>refs</c> the commit that a branch or tag was last seen to mean.
/// </summary>
/// <param name="root">The cache of all models.</param>
/// <param name="id">The model's id.</param>
/// <param name="allowsLinks">Whether links are tried before copies.</param>
internal sealed class HubCache(string root, string id, bool allowsLinks)
{
    private readonly string _name = $"models--{id.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>The cache of all models.</summary>
    public string Root => root;

    private string Folder => Path.Combine(root, _name);

    /// <summary>The folder of a commit's files.</summary>
    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    /// <summary>Where a content lies, or will.</summary>
    public string Blob(string hash) => Path.Combine(Folder, "blobs", hash);

    /// <summary>What holds a content's lock, Python's too.</summary>
    public string Lock(string hash) => Path.Combine(root, ".locks", _name, $"{hash}.lock");

    /// <summary>Whether a commit's file is there, and no link whose target has gone.</summary>
    public bool Has(string commit, string name) => IsThere(Path.Combine(Snapshot(commit), name));

    /// <summary>Whether the hub was seen to have no such file in that commit.</summary>
    public bool IsKnownMissing(string commit, string name) => File.Exists(NoExist(commit, name));

    /// <summary>Notes that the hub has no such file, so that nobody has to ask for it again.</summary>
    public void MarkMissing(string commit, string name)
    {
        if (!IsKnownMissing(commit, name))
        {
            Note(NoExist(commit, name), "");
        }
    }

    /// <summary>The commit that a revision was last seen to mean; null where it was never seen.</summary>
    public string? ReadReference(string revision)
    {
        if (HubModel.IsCommit(revision))
        {
            return revision;
        }
        string path = Reference(revision);
        string? commit = File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        return commit is not null && HubModel.IsCommit(commit) ? commit : null;
    }

    /// <summary>Notes the commit that a revision means.</summary>
    public void WriteReference(string revision, string commit)
    {
        if (ReadReference(revision) != commit)
        {
            Note(Reference(revision), commit);
        }
    }

    /// <summary>Whether a content is there, of the size that it must have.</summary>
    public bool HasBlob(string hash, long size) =>
        new FileInfo(Blob(hash)) is { Exists: true } file && file.Length == size;

    /// <summary>Gives a content its name in a commit: by a link, where the system has them, else the file itself or a copy.</summary>
    /// <param name="hash">The content's.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="isNew">Whether no other commit can have it: without links it is then moved, not copied.</param>
    public void Place(string hash, string commit, string name, bool isNew)
    {
        string place = Path.Combine(Snapshot(commit), name);
        if (IsThere(place))
        {
            return;
        }
        Directory.CreateDirectory(Snapshot(commit));
        File.Delete(place); // a link to nothing
        if (allowsLinks && TryLink(place, Path.Combine("..", "..", "blobs", hash)))
        {
            return;
        }
        string source = Blob(hash);
        if (!isNew)
        {
            source = $"{source}.{Guid.NewGuid():n}{WholeFile.PartialExtension}";
            File.Copy(Blob(hash), source);
        }
        File.Move(source, place, overwrite: true);
    }

    private static bool TryLink(string place, string target)
    {
        try
        {
            File.CreateSymbolicLink(place, target);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return IsThere(place); // another process may have been there first
        }
    }

    private static bool IsThere(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null
            ? file.Exists
            : file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true };
    }

    // A note costs at most a question too many where it is lost: a cache that may only be read is a cache all the same.
    private static void Note(string path, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            WholeFile.Write(path, file => file.Write(System.Text.Encoding.ASCII.GetBytes(text)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    private string Reference(string revision) => Path.Combine([Folder, "refs", .. revision.Split('/')]);

    private string NoExist(string commit, string name) => Path.Combine(Folder, ".no_exist", commit, name);
}
