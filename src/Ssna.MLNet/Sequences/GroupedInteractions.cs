using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Sequences;

/// <summary>Interactions grouped by user, with the tables of both sides' ids.</summary>
/// <param name="Users">The users' ids.</param>
/// <param name="Items">The items' ids.</param>
/// <param name="Sequences">The users' items.</param>
/// <param name="Read">What was read, and what of it was left out.</param>
internal sealed record GroupedInteractions(
    ItemIds Users,
    ItemIds Items,
    InteractionSequences Sequences,
    GroupedInteractions.RowCounts Read
)
{
    /// <summary>What was read.</summary>
    public sealed record RowCounts(long Rows, long WithoutUser, long WithoutItem, long WithoutTime, long Repeated);

    /// <summary>What the sequences of some users are like.</summary>
    /// <param name="users">The users, at least one, or null for all.</param>
    public SequenceGroupingSummary Summarize(int[]? users)
    {
        users ??= [.. Enumerable.Range(0, Sequences.UserCount)];
        int[] lengths = Array.ConvertAll(users, Sequences.LengthOf);
        return new(
            Read.Rows,
            lengths.Sum(length => (long)length),
            users.Length,
            Read.WithoutUser,
            Read.WithoutItem,
            Read.WithoutTime,
            Read.Repeated,
            users.Sum(user => (long)Sequences.Ties[user].Interactions),
            users.Count(user => Sequences.Ties[user].LastItem),
            SequenceLengths.Of(lengths)
        );
    }

    /// <summary>Reads all rows once.</summary>
    /// <param name="host">Where counts are logged, and where cancellation comes from.</param>
    /// <param name="interactions">The rows.</param>
    /// <param name="options">The columns, and what is left out.</param>
    /// <param name="splitTime">Gives the time at which sequences are split, in the integers of the time column's reader; or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">No interaction is left, or a row is refused.</exception>
    public static GroupedInteractions From(
        IHost host,
        IDataView interactions,
        SequenceGroupingOptions options,
        Func<DataViewSchema.Column, long>? splitTime
    )
    {
        DataViewSchema schema = interactions.Schema;
        var userColumn = IdColumn.Require(host, schema, options.UserColumnName, "user", vector: false);
        var itemColumn = IdColumn.Require(host, schema, options.ItemColumnName, "item", vector: false);
        DataViewSchema.Column? timeColumn = options.TimeColumnName is { } name
            ? TimeColumn.Require(host, schema, name)
            : null;
        long? split = timeColumn is { } column ? splitTime?.Invoke(column) : null;

        ItemIds users = userColumn.CreateTable();
        ItemIds items = itemColumn.CreateTable();
        var log = new InteractionLog(hasTimes: timeColumn is not null);
        long rows = 0;
        long withoutUser = 0;
        long withoutItem = 0;
        long withoutTime = 0;
        using (
            DataViewRowCursor cursor = interactions.GetRowCursor(
                timeColumn is null
                    ? [userColumn.Column, itemColumn.Column]
                    : [userColumn.Column, itemColumn.Column, timeColumn.Value]
            )
        )
        {
            Func<int> readUser = userColumn.CreateItemReader(cursor, users, add: true);
            Func<int> readItem = itemColumn.CreateItemReader(cursor, items, add: true);
            TimeReader? readTime = timeColumn is null ? null : TimeColumn.CreateReader(cursor, timeColumn.Value);
            using IChannel channel = host.Start("Group");
            var run = new RunContext(host, channel, options.CancellationToken);
            var halfMinutes = new HalfMinutes();
            while (MoveNext(cursor))
            {
                run.CheckAlive();
                if (halfMinutes.Passed())
                {
                    channel.Tell($"{rows} interactions read so far.");
                }
                rows++;
                // The user comes last: one without a whole row gets no sequence.
                long time = 0;
                if (readTime is not null && !readTime(out time))
                {
                    withoutTime++;
                    Refuse(timeColumn!.Value.Name, "time");
                    continue;
                }
                int item = readItem();
                if (item < 0)
                {
                    withoutItem++;
                    Refuse(itemColumn.Name, "item");
                    continue;
                }
                int user = readUser();
                if (user < 0)
                {
                    withoutUser++;
                    Refuse(userColumn.Name, "user");
                    continue;
                }
                log.Add(user, item, time);
            }
        }

        if (log.Count == 0)
        {
            throw host.Fault(
                $"Expected interactions, found none in {rows} rows: {withoutUser} without a user "
                    + $"('{options.UserColumnName}'), {withoutItem} without an item ('{options.ItemColumnName}'), "
                    + $"{withoutTime} without a time ('{options.TimeColumnName}')."
            );
        }
        int read = log.Count;
        InteractionSequences sequences = log.Group(items.Count, options.KeepRepeated, split, options.CancellationToken);
        var counts = new RowCounts(rows, withoutUser, withoutItem, withoutTime, read - sequences.Items.Length);
        Log(host, counts, sequences);
        return new(users, items, sequences, counts);

        // A text loader parses here: what it says of "1700000000" as a date names no way out.
        bool MoveNext(DataViewRowCursor cursor)
        {
            try
            {
                return cursor.MoveNext();
            }
            catch (Exception e)
                when (e is InvalidOperationException or FormatException
                    && timeColumn?.Type is DateTimeDataViewType or DateTimeOffsetDataViewType
                )
            {
                throw host.Fault(
                    e,
                    $"Interactions, row {rows}: {e.GetBaseException().Message} If the times of column '{timeColumn.Value.Name}' are "
                        + "numbers, such as epoch seconds, load it as Int64 (a property of type long, DataKind.Int64) and not as "
                        + $"{timeColumn.Value.Type}."
                );
            }
        }

        void Refuse(string column, string role)
        {
            if (options.RefuseIncomplete)
            {
                throw host.Fault($"Row {rows - 1}: expected a {role} in column '{column}', found a missing value.");
            }
        }
    }

    private static void Log(IHost host, RowCounts read, InteractionSequences sequences)
    {
        using IChannel channel = host.Start("Group");
        channel.Tell($"{read.Rows} rows: {sequences.Items.Length} interactions of {sequences.UserCount} users.");
        if (sequences.Items.Length < read.Rows)
        {
            channel.Warn(
                $"Left out {read.WithoutUser} rows without a user, {read.WithoutItem} without an item, "
                    + $"{read.WithoutTime} without a time, and {read.Repeated} that repeat another."
            );
        }
    }
}
