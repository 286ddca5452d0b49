namespace LiveShop;

/// <summary>An item as the page shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">The first sentence of its text.</param>
/// <param name="Details">The rest of it.</param>
/// <param name="Group">The department, where the texts tell: what the rest says before its first comma.</param>
/// <param name="IsNew">Whether a visitor added it.</param>
internal sealed record ShopItem(string Id, string Title, string Details, string? Group, bool IsNew)
{
    /// <summary>Reads an item from its text, such as "Wexley folding stand, tripod. Music, stands."</summary>
    public static ShopItem Of(string id, string text, bool isNew = false)
    {
        string[] sentences = text.Trim().Split(". ", 2);
        string details = sentences.Length > 1 ? sentences[1].TrimEnd('.') : "";
        string group = details.Split(',', 2)[0];
        return new(id, sentences[0].TrimEnd('.'), details, group.Length > 0 ? group : null, isNew);
    }

    /// <summary>Whether all words are in what is shown of it.</summary>
    public bool Matches(string[] words) =>
        Array.TrueForAll(
            words,
            word =>
                Title.Contains(word, StringComparison.OrdinalIgnoreCase)
                || Details.Contains(word, StringComparison.OrdinalIgnoreCase)
        );
}
