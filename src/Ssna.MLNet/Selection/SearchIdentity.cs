using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Selection;

/// <summary>What tells one search from another, by name: trials of two searches cannot be compared.</summary>
internal static class SearchIdentity
{
    /// <summary>The names of the axes, the settings that all trials share, and a hash of the sequences.</summary>
    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="search">The search.</param>
    /// <param name="seed">The trials' seed, where the options leave it open.</param>
    /// <param name="input">The training data.</param>
    /// <param name="run">What stops it, before a row.</param>
    public static SortedDictionary<string, string> Of(
        IExceptionContext context,
        SsnaGridSearch.Options search,
        int seed,
        IDataView input,
        RunContext run
    )
    {
        SsnaTrainer.Options trainer = search.Trainer;
        var identity = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["Axes"] = JsonSerializer.Serialize(search.Axes.Select(axis => axis.Name).Order(StringComparer.Ordinal)),
            ["Sequences"] = HashOf(context, input, trainer.SequenceColumnName, label: null, run),
        };
        if (trainer.ValidationSet is { } validation)
        {
            identity["Validation"] = HashOf(
                context,
                validation,
                trainer.SequenceColumnName,
                trainer.ValidationLabelColumnName,
                run
            );
        }
        if (trainer.StartFrom is { } start)
        {
            identity[nameof(trainer.StartFrom)] = start.Hash();
        }
        // A model that is loaded recommends as the present values say.
        foreach (
            (string name, string value) in OptionsIdentity.Of(
                trainer,
                seed,
                nameof(trainer.TopK),
                nameof(trainer.ExcludeHistory)
            )
        )
        {
            identity[name] = value;
        }
        return identity;
    }

    private static string HashOf(
        IExceptionContext context,
        IDataView data,
        string sequenceColumn,
        string? label,
        RunContext run
    )
    {
        var column = IdColumn.Require(context, data.Schema, sequenceColumn, "sequence", vector: true);
        IdColumn? labels = label is null
            ? null
            : IdColumn.Require(context, data.Schema, label, "label", vector: false, column.Type);
        ItemIds ids = column.CreateTable();
        using DataViewRowCursor cursor = data.GetRowCursor(
            labels is null ? [column.Column] : [column.Column, labels.Column]
        );
        SequenceReader readSequence = column.CreateSequenceReader(cursor, ids, add: true);
        Func<int>? readLabel = labels?.CreateItemReader(cursor, ids, add: true);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (cursor.MoveNext())
        {
            run.CheckAlive();
            ReadOnlySpan<int> sequence = readSequence();
            Append(sequence.Length);
            hash.AppendData(MemoryMarshal.AsBytes(sequence));
            if (readLabel is not null)
            {
                Append(readLabel());
            }
        }
        // Indexes count the ids in the order in which they came; here is what they stand for.
        for (int i = 0; i < ids.Count; i++)
        {
            string id = ids.ToText(i);
            Append(id.Length);
            hash.AppendData(Encoding.UTF8.GetBytes(id));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];

        void Append(int value) => hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
    }
}
