using Microsoft.ML;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Sequences;

/// <summary>What training reads of the users.</summary>
/// <param name="Training">The sequences to learn from.</param>
/// <param name="Validation">The cases to choose the best epoch on.</param>
/// <param name="ItemCounts">How often each item of the catalogue occurs in the training data, held-out items included.</param>
internal sealed record TrainingSequences(SequenceSet Training, ValidationCases Validation, long[] ItemCounts)
{
    /// <summary>Each item's share of the interactions: its score for a user of whom nothing is known.</summary>
    public float[] Popularity()
    {
        double total = Math.Max(1, ItemCounts.Sum());
        return Array.ConvertAll(ItemCounts, count => (float)(count / total));
    }

    /// <summary>Reads the training data and, where given, the validation data; ids outside the catalogue are skipped.</summary>
    /// <param name="channel">Told what was skipped.</param>
    /// <param name="input">The training data.</param>
    /// <param name="validation">The validation data, or null to hold out the training sequences' last items.</param>
    /// <param name="settings">The columns, and how much is used.</param>
    /// <param name="ids">The catalogue.</param>
    /// <param name="run">What stops it, before a row.</param>
    /// <exception cref="InvalidOperationException">There is nothing to learn from, or nothing to validate on.</exception>
    public static TrainingSequences Read(
        IChannel channel,
        IDataView input,
        IDataView? validation,
        TrainingDataSettings settings,
        ItemIds ids,
        RunContext run
    )
    {
        var sequences = new SequenceSetBuilder();
        var counts = new long[ids.Count];
        var column = IdColumn.Require(channel, input.Schema, settings.Sequence, "sequence", vector: true, ids.Type);
        using DataViewRowCursor cursor = input.GetRowCursor([column.Column]);
        var known = new KnownItems(cursor, column, ids);
        while (cursor.MoveNext())
        {
            run.CheckAlive();
            ReadOnlySpan<int> sequence = known.Read();
            foreach (int item in sequence)
            {
                counts[item]++;
            }
            if (sequence.Length >= 2)
            {
                sequences.Add(sequence);
            }
        }
        known.Report(channel);
        if (sequences.Count == 0)
        {
            throw channel.Fault(
                $"Sequence column '{settings.Sequence}': expected at least one sequence of two items of the "
                    + $"catalogue, found none in {known.Rows} rows ({known.Unknown} of their {known.Items} items "
                    + "are not in the catalogue)."
            );
        }
        if (validation is not null)
        {
            TrainingCoverage.Report(channel, sequences.ToSet(), known.Rows, settings);
            return new(sequences.ToSet(), Sample(ReadCases(channel, validation, settings, ids, run)), counts);
        }
        (SequenceSet training, ValidationCases cases) = ValidationCases.HoldOutLast(sequences.ToSet());
        TrainingCoverage.Report(channel, training, known.Rows, settings);
        return cases.Count > 0
            ? new(training, Sample(cases), counts)
            : throw channel.Fault(
                $"Sequence column '{settings.Sequence}': expected at least one sequence of three items of the "
                    + $"catalogue, whose last one is held out to validate on, found {sequences.Count} of two. "
                    + "Give longer sequences, or validation data as the option ValidationSet."
            );

        ValidationCases Sample(ValidationCases cases) => cases.Sample(settings.MaximumValidationCases, settings.Seed);
    }

    private static ValidationCases ReadCases(
        IChannel channel,
        IDataView validation,
        TrainingDataSettings settings,
        ItemIds ids,
        RunContext run
    )
    {
        var histories = new SequenceSetBuilder();
        var targets = new List<int>();
        DataViewSchema schema = validation.Schema;
        var column = IdColumn.Require(
            channel,
            schema,
            settings.Sequence,
            "validation sequence",
            vector: true,
            ids.Type
        );
        var label = IdColumn.Require(
            channel,
            schema,
            settings.ValidationLabel,
            "validation label",
            vector: false,
            ids.Type
        );
        using DataViewRowCursor cursor = validation.GetRowCursor([column.Column, label.Column]);
        var known = new KnownItems(cursor, column, ids);
        Func<int> readLabel = label.CreateItemReader(cursor, ids);
        while (cursor.MoveNext())
        {
            run.CheckAlive();
            ReadOnlySpan<int> history = known.Read();
            int target = readLabel();
            if (!history.IsEmpty && target >= 0)
            {
                histories.Add(history);
                targets.Add(target);
            }
        }
        known.Report(channel);
        if (targets.Count == 0)
        {
            throw channel.Fault(
                $"Option ValidationSet: expected rows with items of the catalogue in '{settings.Sequence}' and "
                    + $"'{settings.ValidationLabel}', found none in {known.Rows} rows."
            );
        }
        if (targets.Count < known.Rows)
        {
            channel.Warn(
                $"{known.Rows - targets.Count} of {known.Rows} validation rows are skipped: the catalogue has no item of "
                    + $"their '{settings.Sequence}', or not their '{settings.ValidationLabel}'."
            );
        }
        return new ValidationCases(histories.ToSet(), [.. targets]);
    }
}
