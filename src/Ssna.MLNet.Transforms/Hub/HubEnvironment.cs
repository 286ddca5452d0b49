using System.Text.RegularExpressions;

namespace Ssna.MLNet.Hub;

/// <summary>What the environment says of the hub and its cache: the variables that Python's huggingface_hub reads.</summary>
/// <param name="read">A variable's value by its name, or null.</param>
internal sealed partial class HubEnvironment(Func<string, string?> read)
{
    /// <summary>Where the hub is, unless somebody says otherwise.</summary>
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>The environment of this process.</summary>
    public static HubEnvironment Process { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>HF_HUB_CACHE, else the folder hub in HF_HOME.</summary>
    public string CacheFolder =>
        Expand(Read("HF_HUB_CACHE") ?? Read("HUGGINGFACE_HUB_CACHE")) ?? Path.Combine(Home, "hub");

    /// <summary>HF_TOKEN, else what <c>hf auth login</c> left in HF_HOME; null where there is none, or none is to be sent.</summary>
    public string? Token =>
        IsSet("HF_HUB_DISABLE_IMPLICIT_TOKEN")
            ? null
            : Clean(Read("HF_TOKEN") ?? Read("HUGGING_FACE_HUB_TOKEN")) ?? Clean(TokenFile());

    /// <summary>HF_ENDPOINT, else the hub's address.</summary>
    public string Endpoint => Read("HF_ENDPOINT") ?? DefaultEndpoint;

    /// <summary>HF_HUB_OFFLINE: no request is made.</summary>
    public bool Offline => IsSet("HF_HUB_OFFLINE") || IsSet("TRANSFORMERS_OFFLINE");

    /// <summary>Whether the cache may have links: not where HF_HUB_DISABLE_SYMLINKS is set.</summary>
    public bool AllowsLinks => !IsSet("HF_HUB_DISABLE_SYMLINKS");

    private string Home =>
        Expand(Read("HF_HOME"))
        ?? Path.Combine(
            Expand(Read("XDG_CACHE_HOME"))
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "huggingface"
        );

    private string? TokenFile()
    {
        string path = Expand(Read("HF_TOKEN_PATH")) ?? Path.Combine(Home, "token");
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string? Read(string name) => read(name) is { Length: > 0 } value ? value : null;

    private bool IsSet(string name) => Read(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private string? Expand(string? path)
    {
        if (path is null)
        {
            return null;
        }
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
        {
            path = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..];
        }
        return Variable().Replace(path, found => read(found.Groups[1].Value) ?? found.Value);
    }

    private static string? Clean(string? token) => token?.Trim() is { Length: > 0 } clean ? clean : null;

    [GeneratedRegex(@"\$\{?(\w+)\}?")]
    private static partial Regex Variable();
}
