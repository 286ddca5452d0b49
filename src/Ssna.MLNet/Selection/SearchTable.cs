using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Selection;

/// <summary>Trials as a data view.</summary>
internal static class SearchTable
{
    private const string Seconds = "Seconds";

    /// <summary>The columns beside those of the axes, whose names no axis may have.</summary>
    public static IReadOnlyCollection<string> Reserved { get; } =
    [
        nameof(SsnaSearchTrial.Epochs),
        nameof(SsnaSearchTrial.BestEpoch),
        nameof(SsnaSearchTrial.ValidationRecallAt10),
        nameof(SsnaSearchTrial.ValidationNdcgAt10),
        Seconds,
        nameof(SsnaSearchTrial.Failure),
    ];

    public static IDataView Of(IHostEnvironment environment, IReadOnlyList<SsnaSearchTrial> trials)
    {
        var table = new ArrayDataViewBuilder(environment);
        foreach (string axis in trials[0].Point.Keys)
        {
            table.AddColumn(axis, [.. trials.Select(trial => trial.Point[axis])]);
        }
        Add(nameof(SsnaSearchTrial.Epochs), NumberDataViewType.Int32, trial => trial.Epochs);
        Add(nameof(SsnaSearchTrial.BestEpoch), NumberDataViewType.Int32, trial => trial.BestEpoch);
        Add(
            nameof(SsnaSearchTrial.ValidationRecallAt10),
            NumberDataViewType.Double,
            trial => trial.ValidationRecallAt10
        );
        Add(nameof(SsnaSearchTrial.ValidationNdcgAt10), NumberDataViewType.Double, trial => trial.ValidationNdcgAt10);
        Add(Seconds, NumberDataViewType.Double, trial => trial.Duration.TotalSeconds);
        table.AddColumn(nameof(SsnaSearchTrial.Failure), [.. trials.Select(trial => trial.Failure ?? "")]);
        return table.GetDataView();

        void Add<T>(string name, PrimitiveDataViewType type, Func<SsnaSearchTrial, T> value) =>
            table.AddColumn(name, type, [.. trials.Select(value)]);
    }
}
