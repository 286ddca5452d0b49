using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ShardedShop.Serving;

/// <summary>What a silo measures of itself, beside what the library, ASP.NET Core and Orleans do.</summary>
internal sealed class ShopMetrics
{
    public const string Meter = "ShardedShop";

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _retries;
    private readonly UpDownCounter<int> _shards;

    public ShopMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(Meter);
        _duration = meter.CreateHistogram<double>(
            "shop.recommendation.duration",
            "s",
            "How long a request takes that this silo was asked, its wait for others included."
        );
        _retries = meter.CreateCounter<long>(
            "shop.recommendation.retries",
            "{call}",
            "Batches of requests that were asked again because a silo did not answer."
        );
        _shards = meter.CreateUpDownCounter<int>("shop.shards", "{shard}", "Shards in this silo's memory.");
    }

    public void Took(long start, Exception? error)
    {
        var tags = new TagList();
        if (error is not null)
        {
            tags.Add("error.type", error.GetType().FullName);
        }
        _duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
    }

    public void Retried() => _retries.Add(1);

    public void Holds(int change) => _shards.Add(change);
}
