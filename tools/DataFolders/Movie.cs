namespace DataFolders;

/// <summary>A film of MovieLens as a row: what it is known by, and its title and genres as its text.</summary>
internal sealed class Movie
{
    /// <param name="id">Its id.</param>
    /// <param name="title">Its title, as the file has it, most often with the year.</param>
    /// <param name="genres">Its genres, if there are any.</param>
    public static Movie Of(string id, string title, params string[] genres) =>
        new() { Item = id, Text = genres.Length == 0 ? title : $"{title}. {string.Join(", ", genres)}" };

    /// <summary>The id.</summary>
    public string Item { get; set; } = "";

    /// <summary>Such as "Toy Story (1995). Animation, Children's, Comedy".</summary>
    public string Text { get; set; } = "";
}
