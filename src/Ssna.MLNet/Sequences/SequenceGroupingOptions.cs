namespace Microsoft.ML.Data;

/// <summary>Settings of <c>mlContext.Data.GroupIntoSequences</c> and <c>SplitAtTime</c>.</summary>
public sealed class SequenceGroupingOptions
{
    /// <summary>The column with the user's id: text, an integer type or a key. Default "User".</summary>
    public string UserColumnName = "User";

    /// <summary>The column with the item's id: text, an integer type or a key. Default "Item".</summary>
    public string ItemColumnName = "Item";

    /// <summary>
    /// The column with the time, or anything that grows with it: a number (epoch seconds, say, in a column of Int64),
    /// <see cref="DateTime"/> or <see cref="DateTimeOffset"/>; null where the rows are in the order of time. Default "Time".
    /// </summary>
    public string? TimeColumnName = "Time";

    /// <summary>The output column with each user's items, oldest first. Default "Sequence".</summary>
    public string SequenceColumnName = "Sequence";

    /// <summary>
    /// Whether to keep an item that a user has twice at the very same time. Default false: most such rows are one event that
    /// was recorded twice, and predicting an item from itself flatters every model. Without a time column no row repeats another.
    /// </summary>
    public bool KeepRepeated;

    /// <summary>
    /// Whether a row without user, item or time is an error. Default false: such rows are left out, counted and logged.
    /// </summary>
    public bool RefuseIncomplete;

    /// <summary>Stops the reading. Default: nothing stops it.</summary>
    public CancellationToken CancellationToken;
}
