using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Ssna.MLNet.Scoring;

/// <summary>What is measured of recommendations, for whoever listens: see docs/serving.md. Costs next to nothing where nobody does.</summary>
internal static class RecommendationMetrics
{
    private const string MethodTag = "ssna.recommendation.method";
    private const string ErrorTag = "error.type";

    private static readonly Meter s_meter = new(
        "Ssna.MLNet",
        typeof(RecommendationMetrics)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion
    );

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "ssna.recommendation.duration",
        "s",
        "How long a call takes, a request's wait for its batch included.",
        tags: null,
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries =
            [
                0.00025,
                0.0005,
                0.001,
                0.0025,
                0.005,
                0.01,
                0.025,
                0.05,
                0.1,
                0.25,
                0.5,
                1,
                2.5,
                5,
                10,
            ],
        }
    );

    private static readonly Counter<long> s_requests = s_meter.CreateCounter<long>(
        "ssna.recommendation.requests",
        "{request}",
        "Users for whom recommendations were asked."
    );

    private static readonly Histogram<int> s_batchSize = s_meter.CreateHistogram(
        "ssna.recommendation.batch.size",
        "{request}",
        "Users who go through the model together.",
        tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] }
    );

    private static readonly Counter<long> s_unknownItems = s_meter.CreateCounter<long>(
        "ssna.recommendation.unknown_items",
        "{item}",
        "Items of histories that the catalogue does not have, which are skipped."
    );

    private static readonly UpDownCounter<int> s_queued = s_meter.CreateUpDownCounter<int>(
        "ssna.recommendation.queued_requests",
        "{request}",
        "Requests that wait for a batch."
    );

    /// <summary>Says that recommendations were asked for a user.</summary>
    /// <param name="method">By what: as of <see cref="Measure"/>.</param>
    /// <param name="unknownItems">Items of the history that the catalogue does not have.</param>
    public static void Request(string method, int unknownItems)
    {
        KeyValuePair<string, object?> tag = new(MethodTag, method);
        s_requests.Add(1, tag);
        if (unknownItems > 0)
        {
            s_unknownItems.Add(unknownItems, tag);
        }
    }

    /// <summary>Says that users go through the model together.</summary>
    public static void Batch(int requests) => s_batchSize.Record(requests);

    /// <summary>Says that a request waits for a batch: 1, or does so no more: -1.</summary>
    public static void Queued(int change) => s_queued.Add(change);

    /// <summary>Makes a call and says how long it took, and what it threw.</summary>
    /// <param name="method">"recommend", "recommend_many", "shard" or "batcher".</param>
    /// <param name="call">The call.</param>
    public static T Measure<T>(string method, Func<T> call)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            T result = call();
            Took(method, start, error: null);
            return result;
        }
        catch (Exception error)
        {
            Took(method, start, error);
            throw;
        }
    }

    /// <inheritdoc cref="Measure"/>
    public static async Task<T> MeasureAsync<T>(string method, Func<Task<T>> call)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            T result = await call().ConfigureAwait(false);
            Took(method, start, error: null);
            return result;
        }
        catch (Exception error)
        {
            Took(method, start, error);
            throw;
        }
    }

    private static void Took(string method, long start, Exception? error)
    {
        if (!s_duration.Enabled)
        {
            return;
        }
        var tags = new TagList { { MethodTag, method } };
        if (error is not null)
        {
            tags.Add(ErrorTag, error.GetType().FullName);
        }
        s_duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
    }
}
