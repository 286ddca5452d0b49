using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Sequences;

namespace Microsoft.ML;

/// <summary>From interactions to sequences, and from sequences to training and test data.</summary>
public static class SequenceDataCatalog
{
    /// <summary>
    /// Groups interactions by user: one row a user, in the order of the users' first rows, with the user's items oldest first.
    /// </summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="interactions">One row an interaction. It is read once, now.</param>
    /// <param name="userColumnName">The user's id: text, an integer type or a key. The output column has this name too.</param>
    /// <param name="itemColumnName">The item's id: text, an integer type or a key.</param>
    /// <param name="timeColumnName">
    /// The time, or anything that grows with it: a number (epoch seconds, say, in a column of Int64), <see cref="DateTime"/> or
    /// <see cref="DateTimeOffset"/>; null where the rows are in the order of time.
    /// </param>
    /// <param name="sequenceColumnName">The output column with the items.</param>
    /// <remarks>
    /// Ids keep their types; keys become their key values, or their number where they have none. Interactions of equal time keep
    /// the order of the rows. Rows without user, item or time are left out, and so are rows that repeat another's user, item and
    /// time: see <see cref="SequenceDataView.Summary"/> (also in the log) for how many, and <see cref="SequenceGroupingOptions"/> for other
    /// treatments. Reading takes 16 bytes an interaction (8 without times) and the result 4, beside the ids themselves.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no interaction, or a time is a floating-point number so large that neighbouring ones cannot be told apart.
    /// </exception>
    public static SequenceDataView GroupIntoSequences(
        this DataOperationsCatalog catalog,
        IDataView interactions,
        string userColumnName = "User",
        string itemColumnName = "Item",
        string? timeColumnName = "Time",
        string sequenceColumnName = "Sequence"
    ) =>
        catalog.GroupIntoSequences(
            interactions,
            new SequenceGroupingOptions
            {
                UserColumnName = userColumnName,
                ItemColumnName = itemColumnName,
                TimeColumnName = timeColumnName,
                SequenceColumnName = sequenceColumnName,
            }
        );

    /// <summary>Groups interactions by user, with all options.</summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="interactions">One row an interaction. It is read once, now.</param>
    /// <param name="options">The columns, and what is left out.</param>
    /// <inheritdoc cref="GroupIntoSequences(DataOperationsCatalog, IDataView, string, string, string?, string)"/>
    public static SequenceDataView GroupIntoSequences(
        this DataOperationsCatalog catalog,
        IDataView interactions,
        SequenceGroupingOptions options
    )
    {
        IHost host = Register(catalog, interactions, nameof(GroupIntoSequences));
        ArgumentNullException.ThrowIfNull(options);
        var grouped = GroupedInteractions.From(host, interactions, options, splitTime: null);
        var sequences = new SequenceDataView(host, options, labelColumnName: null, grouped, rows: null);
        using IChannel channel = host.Start("Group");
        Describe(channel, sequences.Summary);
        return sequences;
    }

    /// <summary>
    /// Splits interactions at a moment: training data are all interactions before it, grouped by user; test data ask, of every
    /// user with a history before it, for the user's first item at or after it.
    /// </summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="interactions">One row an interaction. It is read once, now.</param>
    /// <param name="time">The moment: of the time column's type, or a number that this type holds unchanged.</param>
    /// <param name="options">
    /// The columns, and what is left out; null for the defaults. <see cref="SequenceGroupingOptions.TimeColumnName"/> is needed.
    /// </param>
    /// <param name="labelColumnName">The test data's column with the item to find.</param>
    /// <returns>
    /// Two <see cref="SequenceDataView"/>: the training set with user and sequence, and the test set with the same sequences and
    /// the label.
    /// </returns>
    /// <remarks>
    /// Nothing of the moment or after it is in any sequence. A user without interactions before it has no row in either set, one
    /// without interactions from then on is in the training set alone, and a user's later items than the label are not used.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="ArgumentException">The time does not fit the time column, or no time column is named.</exception>
    /// <exception cref="InvalidOperationException">
    /// One of the two sets would be empty, or a time is a floating-point number so large that neighbouring ones cannot be told
    /// apart.
    /// </exception>
    public static DataOperationsCatalog.TrainTestData SplitAtTime<TTime>(
        this DataOperationsCatalog catalog,
        IDataView interactions,
        TTime time,
        SequenceGroupingOptions? options = null,
        string labelColumnName = DefaultColumnNames.Label
    )
        where TTime : struct
    {
        IHost host = Register(catalog, interactions, nameof(SplitAtTime));
        ArgumentNullException.ThrowIfNull(labelColumnName);
        options ??= new();
        if (options.TimeColumnName is null)
        {
            throw new ArgumentException(
                $"Expected the name of a time column in {nameof(SequenceGroupingOptions.TimeColumnName)}, found null.",
                nameof(options)
            );
        }
        var grouped = GroupedInteractions.From(
            host,
            interactions,
            options,
            column => TimeColumn.ToInteger(column, time)
        );
        InteractionSequences sequences = grouped.Sequences;
        int[] train = [.. Enumerable.Range(0, sequences.UserCount).Where(HasHistory)];
        int[] test = [.. train.Where(user => sequences.Splits![user] < sequences.Offsets[user + 1])];
        if (test.Length == 0)
        {
            throw host.Except(
                $"Expected users with interactions before {time} and others from then on in column '{options.TimeColumnName}', "
                    + $"found {train.Length} users with interactions before, and none of them with others."
            );
        }
        var training = new SequenceDataView(host, options, labelColumnName: null, grouped, train);
        using IChannel channel = host.Start("Split");
        channel.Info(
            $"{train.Length} users to train on, {test.Length} of them to test on; "
                + $"{sequences.UserCount - train.Length} users have no history before {time}."
        );
        Describe(channel, training.Summary);
        return new(training, new SequenceDataView(host, options, labelColumnName, grouped, test));

        bool HasHistory(int user) => sequences.Splits![user] > sequences.Offsets[user];
    }

    /// <summary>
    /// Splits sequences for the leave-one-out protocol: the last item of each is what the test data ask for, and the items before
    /// it are what the model is trained on and given as history.
    /// </summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="sequences">Rows with a sequence, such as those of <c>GroupIntoSequences</c>.</param>
    /// <param name="sequenceColumnName">The sequences: a vector of any item type, oldest first.</param>
    /// <param name="labelColumnName">The test data's column with the last item.</param>
    /// <returns>
    /// Two views that read <paramref name="sequences"/> when they are read, with all its columns. The training set has every row,
    /// its sequence without the last item; the test set has the same sequences, and the last item as the label.
    /// </returns>
    /// <remarks>
    /// A sequence of fewer than two items has nothing to test: the training set has it whole, and the test set has no row of it.
    /// Empty texts and missing keys are padding and no items: those behind the last item and before it are taken off with it.
    /// Trainers that hold out each training sequence's last item to validate on, as <c>Trainers.Ssna</c> does, thereby validate on
    /// the item before the last, as the usual protocol has it.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or no vector.</exception>
    public static DataOperationsCatalog.TrainTestData LeaveOneOutSplit(
        this DataOperationsCatalog catalog,
        IDataView sequences,
        string sequenceColumnName = "Sequence",
        string labelColumnName = DefaultColumnNames.Label
    )
    {
        IHost host = Register(catalog, sequences, nameof(LeaveOneOutSplit));
        ArgumentNullException.ThrowIfNull(labelColumnName);
        var column = IdColumn.Require(host, sequences.Schema, sequenceColumnName, "sequence", vector: true);
        return new(
            new LeaveOneOutView(sequences, column.Column, labelColumnName: null),
            new LeaveOneOutView(sequences, column.Column, labelColumnName)
        );
    }

    private static void Describe(IChannel channel, SequenceGroupingSummary summary)
    {
        channel.Info($"{summary.Users} sequences of {summary.Lengths}.");
        if (summary.TiedInteractions > 0)
        {
            channel.Warning(
                $"{Share.Of(summary.TiedInteractions, summary.Interactions)} interactions are of the very time of another in "
                    + "the same sequence: the order of the rows decides between them, and so it does on the last item of "
                    + $"{Share.Of(summary.TiedLastItems, summary.Users)} sequences."
            );
        }
    }

    private static IHost Register(DataOperationsCatalog catalog, IDataView input, string name)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(input);
        return catalog.GetEnvironment().Register(name);
    }
}
