using System.Text.RegularExpressions;

namespace Ssna.MLNet.Hub;

/// <summary>A model on the Hugging Face hub: its id, and which revision of it.</summary>
/// <param name="Id">"owner/name", or for the hub's oldest models a name alone, which has a dash: a word alone means a folder.</param>
/// <param name="Revision">A branch, a tag, a commit, or a reference such as refs/pr/1.</param>
internal sealed partial record HubModel(string Id, string Revision)
{
    /// <summary>The branch that is meant where no revision is named.</summary>
    public const string DefaultRevision = "main";

    /// <summary>What texts must look like, for messages.</summary>
    public const string Syntax =
        "a model's id on the Hugging Face hub ('owner/name', or a name alone that has a dash; with '@' and a revision where "
        + "another than 'main' is meant)";

    /// <summary>Reads an id, with a revision behind an @ or without; null where the text can be none.</summary>
    /// <remarks>No id has an @, so that the first one is where the revision starts.</remarks>
    public static HubModel? Parse(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string id = at < 0 ? text : text[..at];
        string revision = at < 0 ? DefaultRevision : text[(at + 1)..];
        return
            IdPattern().IsMatch(id)
            && id.AsSpan().ContainsAny('/', '-')
            && !id.Contains("--", StringComparison.Ordinal) // what stands for the slash in the cache
            && !id.Contains("..", StringComparison.Ordinal)
            && !id.EndsWith(".git", StringComparison.Ordinal)
            && RevisionPattern().IsMatch(revision)
            && !revision.Contains("..", StringComparison.Ordinal)
            ? new(id, revision)
            : null;
    }

    /// <summary>Whether it is a whole commit, which never means anything else.</summary>
    public static bool IsCommit(string revision) => CommitPattern().IsMatch(revision);

    /// <summary>The id, with the revision where one was named.</summary>
    public override string ToString() => Revision == DefaultRevision ? Id : $"{Id}@{Revision}";

    // The hub's own rule: neither part starts or ends with a dash or a dot.
    [GeneratedRegex(
        @"^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?/)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?\z"
    )]
    private static partial Regex IdPattern();

    // Names of git that are also safe as a path in the cache: no part of it is empty or starts with a dot.
    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}(/[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}){0,9}\z")]
    private static partial Regex RevisionPattern();

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();
}
