using System.Text.Json;
using System.Text.RegularExpressions;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Hub;

/// <summary>A file of a commit.</summary>
/// <param name="Name">Its name; it lies directly in the repository.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Hash">
/// Of its content, in hexadecimal: SHA-256 of what git keeps outside of itself (LFS), git's own hash of the rest. The hub gives it as
/// the file's ETag, and Python's cache names the content by it.
/// </param>
internal sealed record HubFile(string Name, long Size, string Hash);

/// <summary>What the hub says of one revision of a model: the commit, and the files that lie directly in the repository.</summary>
/// <param name="Commit">The commit that the revision means.</param>
/// <param name="Files">The files by their names.</param>
internal sealed partial record HubListing(string Commit, IReadOnlyDictionary<string, HubFile> Files)
{
    /// <summary>Reads the hub's answer to <c>/api/models/ID/revision/REVISION?blobs=true</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static HubListing Parse(byte[] answer, string source)
    {
        using JsonDocument json = JsonText.Parse(answer, $"'{source}'");
        var fields = new JsonFields(json.RootElement, source);
        string? commit = fields.Text("sha");
        if (commit is null || !HubModel.IsCommit(commit))
        {
            throw fields.Unexpected("sha", "a commit, 40 hexadecimal digits");
        }
        if (
            !json.RootElement.TryGetProperty("siblings", out JsonElement siblings)
            || siblings.ValueKind != JsonValueKind.Array
        )
        {
            throw fields.Unexpected("siblings", "a list of files");
        }
        var files = new Dictionary<string, HubFile>(StringComparer.Ordinal);
        foreach (JsonElement sibling in siblings.EnumerateArray())
        {
            var entry = new JsonFields(sibling, $"{source}: siblings");
            string name = entry.Text("rfilename") ?? throw entry.Unexpected("rfilename", "a file's name");
            if (
                Path.GetFileName(name) == name
                && !name.Contains('\\', StringComparison.Ordinal)
                && name is not ("" or "." or "..")
            )
            {
                files[name] = ReadFile(sibling, entry, name);
            }
        }
        return new HubListing(commit, files);
    }

    private static HubFile ReadFile(JsonElement sibling, JsonFields entry, string name)
    {
        bool isLarge = sibling.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object;
        JsonFields fields = isLarge ? new JsonFields(lfs, $"{entry.Source}.lfs") : entry;
        string field = isLarge ? "sha256" : "blobId";
        string hash = fields.Text(field) ?? "";
        if (!(isLarge ? Sha256() : Sha1()).IsMatch(hash))
        {
            throw fields.Unexpected(field, $"the hash of '{name}' in hexadecimal");
        }
        return
            (isLarge ? lfs : sibling).TryGetProperty("size", out JsonElement size)
            && size.ValueKind == JsonValueKind.Number
            && size.TryGetInt64(out long bytes)
            && bytes >= 0
            ? new HubFile(name, bytes, hash)
            : throw fields.Unexpected("size", $"the bytes of '{name}'");
    }

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Sha256();

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex Sha1();
}
