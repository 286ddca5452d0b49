namespace Ssna.MLNet.Hub;

/// <summary>Where the hub answers for one model.</summary>
/// <param name="endpoint">The hub's address, with a path or without.</param>
/// <param name="model">The model.</param>
internal sealed class HubAddress(Uri endpoint, HubModel model)
{
    private readonly string _root = endpoint.AbsoluteUri.TrimEnd('/');

    /// <summary>The commit that the revision means and its files, with sizes and hashes.</summary>
    public Uri Listing =>
        new($"{_root}/api/models/{model.Id}/revision/{Uri.EscapeDataString(model.Revision)}?blobs=true");

    /// <summary>A file's content.</summary>
    public Uri File(string commit, string name) =>
        new($"{_root}/{model.Id}/resolve/{commit}/{Uri.EscapeDataString(name)}");

    /// <summary>The model's page, for people.</summary>
    public string Page => $"{_root}/{model.Id}";
}
