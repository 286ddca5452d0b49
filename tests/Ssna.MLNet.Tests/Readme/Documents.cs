using System.Text.RegularExpressions;

namespace Ssna.MLNet.Tests.Readme;

/// <summary>The Markdown of a checkout, and what it points at.</summary>
/// <param name="root">The top folder.</param>
internal sealed partial class Documents(string root)
{
    /// <summary>The documents' paths, seen from the top folder.</summary>
    public IEnumerable<string> Names { get; } =
    [
        .. Directory.EnumerateFiles(root, "*.md"),
        .. new[] { "docs", "examples", ".github" }
            .Select(folder => Path.Combine(root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Intersect(["bin", "obj"]).Any()),
    ];

    /// <summary>What is pointed at and is not there, with the document that does.</summary>
    public IEnumerable<string> Broken() =>
        Names.SelectMany(document =>
        {
            string text = File.ReadAllText(document);
            IEnumerable<string> links = Link()
                .Matches(Code().Replace(text, ""))
                .Select(link => link.Groups["target"].Value)
                .Where(target => !target.Contains(':', StringComparison.Ordinal) && !IsThere(document, target));
            // What has changed since may have had other paths.
            IEnumerable<string> paths =
                Path.GetFileName(document) == "CHANGELOG.md"
                    ? []
                    : RepositoryPath()
                        .Matches(text)
                        .Select(path => path.Value.TrimEnd('.', '/'))
                        .Where(path => !Path.Exists(Path.Combine(root, path)));
            return links.Concat(paths).Select(broken => $"{Path.GetRelativePath(root, document)}: {broken}");
        });

    private static bool IsThere(string document, string target)
    {
        string[] parts = target.Split('#', 2);
        string path =
            parts[0].Length == 0
                ? document
                : Path.Combine(Path.GetDirectoryName(document)!, Uri.UnescapeDataString(parts[0]));
        return Path.Exists(path) && (parts.Length == 1 || Anchors(File.ReadAllText(path)).Contains(parts[1]));
    }

    // As GitHub makes them of headings: letters, digits, hyphens and underscores stay, spaces become hyphens.
    private static HashSet<string> Anchors(string text)
    {
        var anchors = new HashSet<string>();
        foreach (Match heading in Heading().Matches(Fence().Replace(text, "")))
        {
            string anchor = Punctuation()
                .Replace(heading.Groups["title"].Value.Trim().ToLowerInvariant(), "")
                .Replace(' ', '-');
            for (int again = 0; !anchors.Add(again == 0 ? anchor : $"{anchor}-{again}"); again++) { }
        }
        return anchors;
    }

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^```.*?^```|`[^`]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"(?<![\w./-])(src|tests|docs|examples|experiments|tools|build|\.github|\.ci)/[\w.][\w./-]*")]
    private static partial Regex RepositoryPath();
}
