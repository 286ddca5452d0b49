namespace Microsoft.ML.Data;

/// <summary>
/// What <c>mlContext.Data.GroupIntoSequences</c> or <c>SplitAtTime</c> read and left out, and what the sequences are like. Of the
/// two sets of a split, the rows are those of the whole input, and the rest is each set's own.
/// </summary>
/// <param name="Rows">The rows read.</param>
/// <param name="Interactions">The interactions of all sequences together.</param>
/// <param name="Users">The users with a sequence.</param>
/// <param name="RowsWithoutUser">Rows left out because the user is an empty text or a missing key.</param>
/// <param name="RowsWithoutItem">Rows left out because the item is.</param>
/// <param name="RowsWithoutTime">
/// Rows left out because the time is NaN, or the first instant of the year 1 (what ML.NET makes of a missing date).
/// </param>
/// <param name="RepeatedRows">Rows left out because the same user had the same item at the same time before.</param>
/// <param name="TiedInteractions">
/// Interactions of the very time of another one in the same sequence: the order of the rows decides which comes first.
/// </param>
/// <param name="TiedLastItems">
/// Sequences whose last two items are of one time, so that the order of the rows decides what a test of the last item asks for.
/// </param>
/// <param name="Lengths">How long the sequences are.</param>
public sealed record SequenceGroupingSummary(
    long Rows,
    long Interactions,
    int Users,
    long RowsWithoutUser,
    long RowsWithoutItem,
    long RowsWithoutTime,
    long RepeatedRows,
    long TiedInteractions,
    int TiedLastItems,
    SequenceLengths Lengths
);
