using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Selection;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>What a search has found.</summary>
public sealed class SsnaSearchResult : IDisposable
{
    internal SsnaSearchResult(
        IHostEnvironment environment,
        SsnaTransformer bestModel,
        SsnaSearchTrial best,
        IReadOnlyList<SsnaSearchTrial> trials,
        int remaining
    )
    {
        (BestModel, Best, Trials, Remaining) = (bestModel, best, trials, remaining);
        Table = SearchTable.Of(environment, trials);
    }

    /// <summary>The model of the best trial; disposed with this result.</summary>
    public SsnaTransformer BestModel { get; }

    /// <summary>The best trial: by validation Recall@10 and, of equal ones, by NDCG@10.</summary>
    public SsnaSearchTrial Best { get; }

    /// <summary>All trials in the order of the search, behind them those that its folder had of other points.</summary>
    public IReadOnlyList<SsnaSearchTrial> Trials { get; }

    /// <summary>The points that time or a cancellation left untried.</summary>
    public int Remaining { get; }

    /// <summary>
    /// <see cref="Trials"/> as a data view: a text column an axis, then Epochs and BestEpoch (Int32), ValidationRecallAt10,
    /// ValidationNdcgAt10 and Seconds (Double), and Failure (text, empty for none).
    /// </summary>
    public IDataView Table { get; }

    /// <summary>Disposes of <see cref="BestModel"/>.</summary>
    public void Dispose() => BestModel.Dispose();
}
