using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Selection;

/// <summary>Checks a search's own options; those of its points are checked as the points are made.</summary>
internal static class SearchChecks
{
    /// <exception cref="ArgumentOutOfRangeException">An option is missing or out of its range; the message names it.</exception>
    public static void Check(SsnaGridSearch.Options o)
    {
        OptionsChecks.Require(o.Trainer is not null, null, nameof(o.Trainer), "a trainer's options");
        OptionsChecks.Require(
            o.Trainer!.Collective is null,
            "ranks",
            $"{nameof(o.Trainer)}.{nameof(o.Trainer.Collective)}",
            "null: every trial is trained by this process alone"
        );
        OptionsChecks.Require(o.Axes?.Count > 0, "none", nameof(o.Axes), "at least one axis");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (SsnaSearchAxis? axis in o.Axes!)
        {
            OptionsChecks.Require(axis is not null, null, nameof(o.Axes), "axes");
            OptionsChecks.Require(names.Add(axis!.Name), $"'{axis.Name}' twice", nameof(o.Axes), "different names");
            OptionsChecks.Require(
                !SearchTable.Reserved.Contains(axis.Name),
                $"'{axis.Name}'",
                nameof(o.Axes),
                $"names other than the table's columns {string.Join(", ", SearchTable.Reserved)}"
            );
        }
        long total = SearchPoint.Count(o.Axes);
        OptionsChecks.Require(
            o.SampleSize is null || (o.SampleSize >= 1 && o.SampleSize <= total),
            o.SampleSize,
            nameof(o.SampleSize),
            $"from 1 to {total}, the number of points, or null"
        );
        OptionsChecks.Require(o.Folder is not "", "an empty text", nameof(o.Folder), "a path or null");
        OptionsChecks.Require(
            o.MaximumTime is null || o.MaximumTime > TimeSpan.Zero,
            o.MaximumTime,
            nameof(o.MaximumTime),
            "a positive time or null"
        );
    }
}
