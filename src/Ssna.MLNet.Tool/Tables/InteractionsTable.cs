using DataFolders;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Tool.Tables;

/// <summary>A table of interactions: who took what, and when.</summary>
/// <param name="Rows">User and Item as text; with <paramref name="HasTimes"/> a Time. The file is read anew each time it is read.</param>
/// <param name="HasTimes">Whether there is a time; else the rows are in the order of time.</param>
/// <param name="From">Which columns of which file it was, in words.</param>
internal sealed record InteractionsTable(IDataView Rows, bool HasTimes, string From)
{
    /// <summary>Reads a file.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">The file.</param>
    /// <param name="user">The column of the user; null for the usual names.</param>
    /// <param name="item">The column of the item; null for the usual names.</param>
    /// <param name="time">The column of the time; null for the usual names.</param>
    /// <param name="inOrder">Whether no time is read because the rows are in the order of time.</param>
    /// <exception cref="InvalidDataException">The file is not as it should be; the message says what is missing.</exception>
    public static InteractionsTable Read(
        MLContext mlContext,
        string path,
        string? user,
        string? item,
        string? time,
        bool inOrder
    )
    {
        TableFile table = TableFile.Open(path);
        int[] columns = [ColumnNames.User(table, user), ColumnNames.Item(table, item)];
        string from = $"interactions of {Path.GetFileName(path)}: user {Name(columns[0])}, item {Name(columns[1])}";
        if (inOrder)
        {
            return new(mlContext.Data.LoadFromEnumerable(Untimed(table, columns)), HasTimes: false, from);
        }
        int place = ColumnNames.Time(table, time);
        IEnumerable<TimedRow> rows = Timed(table, [.. columns, place]);
        DataKind kind = TimeKind.Of(mlContext.Data.LoadFromEnumerable(rows), path, $"column {Name(place)}");
        if (kind == DataKind.Double)
        {
            // A time that is missing is no 0.
            rows = rows.Select(row => row.Time.Length > 0 ? row : row.Without(time: "NaN"));
        }
        IDataView texts = mlContext.Data.LoadFromEnumerable(rows);
        IDataView converted = mlContext
            .Transforms.Conversion.ConvertType("Time", outputKind: kind)
            .Fit(texts)
            .Transform(texts);
        return new(converted, HasTimes: true, $"{from}, time {Name(place)}");

        string Name(int column) => $"'{table.Columns[column]}'";
    }

    /// <summary>Each user's items, the oldest first.</summary>
    public SequenceDataView Group(MLContext mlContext, CancellationToken cancellation) =>
        mlContext.Data.GroupIntoSequences(
            Rows,
            new SequenceGroupingOptions { TimeColumnName = HasTimes ? "Time" : null, CancellationToken = cancellation }
        );

    private static IEnumerable<UntimedRow> Untimed(TableFile table, int[] columns) =>
        table.Read(columns).Select(values => new UntimedRow { User = values[0].Trim(), Item = values[1].Trim() });

    private static IEnumerable<TimedRow> Timed(TableFile table, int[] columns) =>
        table
            .Read(columns)
            .Select(values => new TimedRow
            {
                User = values[0].Trim(),
                Item = values[1].Trim(),
                Time = values[2].Trim(),
            });

    private sealed class UntimedRow
    {
        public string User { get; set; } = "";

        public string Item { get; set; } = "";
    }

    private sealed class TimedRow
    {
        public string User { get; set; } = "";

        public string Item { get; set; } = "";

        public string Time { get; set; } = "";

        public TimedRow Without(string time) =>
            new()
            {
                User = User,
                Item = Item,
                Time = time,
            };
    }
}
