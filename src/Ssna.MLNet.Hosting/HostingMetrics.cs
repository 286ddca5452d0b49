using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Ssna.MLNet.Hosting;

/// <summary>What is measured of loading models, for whoever listens: see docs/serving.md.</summary>
internal static class HostingMetrics
{
    private static readonly Meter s_meter = new(
        "Ssna.MLNet.Hosting",
        typeof(HostingMetrics)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion
    );

    private static readonly Histogram<double> s_loads = s_meter.CreateHistogram(
        "ssna.model.load.duration",
        "s",
        "How long the loading of a model's file takes, whether it ends well or not.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] }
    );

    /// <summary>Says that a file was loaded, or why it was not.</summary>
    /// <param name="start">The timestamp at which it began.</param>
    /// <param name="error">Why it was not.</param>
    public static void Loaded(long start, Exception? error)
    {
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (error is null)
        {
            s_loads.Record(seconds);
        }
        else
        {
            s_loads.Record(seconds, new KeyValuePair<string, object?>("error.type", error.GetType().FullName));
        }
    }
}
