using System.Diagnostics.Metrics;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Tests.Scoring;

/// <summary>What the meter says: names, units and tags are what dashboards are built on.</summary>
[TestClass]
public sealed class RecommendationMetricsTests
{
    private static SsnaTransformer Model => RingShopModel.Value;

    [TestMethod]
    public void One_user_is_a_request_and_a_batch_of_one()
    {
        _ = Model;
        using var heard = new Heard();
        Model.Recommend(["item01", "unknown", "item02", "neither"]);
        heard.Is("ssna.recommendation.requests", "{request}", 1, "recommend");
        heard.Is("ssna.recommendation.unknown_items", "{item}", 2, "recommend");
        heard.Is("ssna.recommendation.batch.size", "{request}", 1);
        Assert.IsGreaterThan(0, heard.Single("ssna.recommendation.duration", "s", "recommend").Value);
        Assert.HasCount(4, heard.All);
    }

    [TestMethod]
    public void Many_users_are_as_many_requests_in_blocks()
    {
        _ = Model;
        using var heard = new Heard();
        Model.RecommendMany(Enumerable.Repeat<string[]>(["item01", "unknown"], 300));
        Assert.AreEqual(300, heard.Sum("ssna.recommendation.requests"));
        Assert.AreEqual(300, heard.Sum("ssna.recommendation.unknown_items"));
        CollectionAssert.AreEqual(
            new[] { 256.0, 44.0 },
            heard.All.Where(m => m.Name == "ssna.recommendation.batch.size").Select(m => m.Value).ToArray()
        );
        heard.Single("ssna.recommendation.duration", "s", "recommend_many");
    }

    [TestMethod]
    public async Task A_batcher_counts_those_that_wait_and_nobody_waits_at_the_end()
    {
        using var batcher = new RecommendationBatcher(Model);
        using var heard = new Heard();
        await batcher.RecommendAsync(["item01", "unknown"]);
        heard.Is("ssna.recommendation.requests", "{request}", 1, "batcher");
        heard.Is("ssna.recommendation.unknown_items", "{item}", 1, "batcher");
        Assert.AreEqual(0, heard.Sum("ssna.recommendation.queued_requests"));
        Assert.AreEqual(2, heard.All.Count(m => m.Name == "ssna.recommendation.queued_requests"));
        heard.Single("ssna.recommendation.duration", "s", "batcher");
    }

    [TestMethod]
    public void A_call_that_fails_says_by_what()
    {
        _ = Model;
        using var heard = new Heard();
        Assert.Throws<ArgumentOutOfRangeException>(() => Model.Recommend(["item01"], -1));
        Measurement call = heard.Single("ssna.recommendation.duration", "s", "recommend");
        Assert.AreEqual("System.ArgumentOutOfRangeException", call.Tags["error.type"]);
    }

    private sealed record Measurement(string Name, string? Unit, double Value, Dictionary<string, object?> Tags);

    private sealed class Heard : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<Measurement> _all = [];

        public Heard()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Ssna.MLNet")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
            _listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Add(i, value, tags));
            _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
            _listener.Start();
        }

        public IReadOnlyList<Measurement> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public double Sum(string name) => All.Where(m => m.Name == name).Sum(m => m.Value);

        public Measurement Single(string name, string unit, string? method)
        {
            Measurement found = All.Single(m => m.Name == name);
            Assert.AreEqual(unit, found.Unit);
            Assert.AreEqual(method, found.Tags.GetValueOrDefault("ssna.recommendation.method"));
            return found;
        }

        public void Is(string name, string unit, double value, string? method = null) =>
            Assert.AreEqual(value, Single(name, unit, method).Value);

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (_all)
            {
                _all.Add(new(instrument.Name, instrument.Unit, value, new(tags.ToArray())));
            }
        }
    }
}
