using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Selection;

/// <summary>
/// The items that trials share. The item pipeline is fitted, and its columns are computed, once for all trials in a row that
/// have the same items and the same pipeline.
/// </summary>
/// <param name="host">Where exceptions are marked as coming from.</param>
/// <param name="points">The points that are to be trained.</param>
/// <param name="run">What stops it, before a row and while the pipeline computes.</param>
internal sealed class SearchItems(IHost host, IReadOnlyList<SearchPoint> points, RunContext run) : IDisposable
{
    private readonly Dictionary<(string ItemColumn, ItemInputs Inputs), ItemTable> _tables = [];
    private SsnaTrainer.Options? _source;
    private Shared<ITransformer>? _pipeline;

    /// <summary>A point's items, and the pipeline that made them; both stay this object's.</summary>
    public (ItemTable Table, Shared<ITransformer>? Pipeline) Of(SearchPoint point)
    {
        if (!FromSameSource(point.Options, _source))
        {
            Open(point.Options);
        }
        return (_tables[Reads(point)], _pipeline);
    }

    // Reads at once what any point needs, so that items which lack it are refused before hours of training.
    private void Open(SsnaTrainer.Options source)
    {
        Dispose();
        (string ItemColumn, ItemInputs Inputs)[] needed =
        [
            .. points.Where(point => FromSameSource(point.Options, source)).Select(Reads).Distinct(),
        ];
        IDataView items = source.Items!;
        using var reading = ReaderCancellation.Begin(run.CheckAlive);
        _pipeline = source.ItemPipeline?.Fit(items) is { } fitted ? new(fitted) : source.StartFrom?.SharePipeline();
        if (
            source.ItemPipeline is not null
            || needed.Any(reads => source.StartFrom?.NeedsPipeline(source.Items!.Schema, reads.Inputs) == true)
        )
        {
            items = _pipeline!.Value.Transform(items);
            if (needed.Length > 1)
            {
                items = new CacheDataView(host, items, prefetch: null);
            }
        }
        foreach ((string itemColumn, ItemInputs inputs) in needed)
        {
            _tables.Add((itemColumn, inputs), inputs.Read(host, items, itemColumn, run));
        }
        _source = source;
    }

    private static bool FromSameSource(SsnaTrainer.Options options, SsnaTrainer.Options? other) =>
        other is not null
        && ReferenceEquals(options.Items, other.Items)
        && ReferenceEquals(options.StartFrom, other.StartFrom)
        && ReferenceEquals(options.ItemPipeline, other.ItemPipeline);

    private static (string, ItemInputs) Reads(SearchPoint point) => (point.Options.ItemColumnName, point.Inputs);

    public void Dispose()
    {
        foreach (ItemTable table in _tables.Values)
        {
            table.Dispose();
        }
        _tables.Clear();
        _pipeline?.Dispose();
        _pipeline = null;
        _source = null;
    }
}
