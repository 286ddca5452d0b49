namespace Microsoft.ML.Data;

/// <summary>What <c>mlContext.Data.GroupIntoSequences</c> read, and what it left out.</summary>
/// <param name="Rows">The rows read.</param>
/// <param name="Interactions">The interactions of all sequences together.</param>
/// <param name="Users">The users with at least one interaction.</param>
/// <param name="RowsWithoutUser">Rows left out because the user is an empty text or a missing key.</param>
/// <param name="RowsWithoutItem">Rows left out because the item is.</param>
/// <param name="RowsWithoutTime">
/// Rows left out because the time is NaN, or the first instant of the year 1 (what ML.NET makes of a missing date).
/// </param>
/// <param name="RepeatedRows">Rows left out because the same user had the same item at the same time before.</param>
public sealed record SequenceGroupingSummary(
    long Rows,
    long Interactions,
    int Users,
    long RowsWithoutUser,
    long RowsWithoutItem,
    long RowsWithoutTime,
    long RepeatedRows
);
