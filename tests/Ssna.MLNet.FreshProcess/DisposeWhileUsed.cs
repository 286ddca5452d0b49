using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

/// <summary>Disposes of a model while other threads use it, once for each thing that can be done with it.</summary>
internal sealed class DisposeWhileUsed(string modelPath, string itemsPath, string sequencesPath)
{
    private const int Threads = 4;
    private readonly MLContext _mlContext = new();

    /// <summary>Prints a line an operation: calls that returned, calls that were refused, and what else was thrown.</summary>
    /// <param name="rounds">Models disposed of an operation, the n-th after n milliseconds.</param>
    public int Run(int rounds)
    {
        bool clean = true;
        foreach ((string name, Action<SsnaTransformer> call) in Operations())
        {
            int returned = 0;
            int refused = 0;
            Exception? other = null;
            for (int round = 1; round <= rounds; round++)
            {
                using Disposed model = Load(name);
                using var ready = new CountdownEvent(Threads);
                var workers = Enumerable.Range(0, Threads).Select(_ => new Thread(Work)).ToList();
                workers.ForEach(worker => worker.Start());
                ready.Wait();
                long start = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(round))
                {
                    Thread.SpinWait(100);
                }
                model.Transformer.Dispose();
                workers.ForEach(worker => worker.Join());

                void Work()
                {
                    ready.Signal();
                    try
                    {
                        while (true)
                        {
                            call(model.Transformer);
                            Interlocked.Increment(ref returned);
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                        Interlocked.Increment(ref refused);
                    }
#pragma warning disable CA1031 // whatever it is, it is to be told
                    catch (Exception error)
#pragma warning restore CA1031
                    {
                        other = error;
                    }
                }
            }
            clean &= other is null && refused == rounds * Threads;
            Console.WriteLine($"{name}: {returned} returned, {refused} refused, {other?.ToString() ?? "nothing else"}");
        }
        return clean ? 0 : 1;
    }

    private IEnumerable<(string Name, Action<SsnaTransformer> Call)> Operations()
    {
        IDataView items = _mlContext.Data.LoadFromBinary(itemsPath);
        IDataView sequences = _mlContext.Data.LoadFromBinary(sequencesPath);
        string[] ids = [.. items.GetColumn<string>("Item")];
        yield return ("Recommend", model => model.Recommend(ids.Take(5)));
        yield return ("Recommend from a list", model => model.Recommend(ids.Take(5), allow: ids.Skip(2)));
        yield return ("RecommendMany", model => model.RecommendMany(Enumerable.Repeat(ids.Take(5), 300)));
        yield return ("GetSimilarItems", model => model.GetSimilarItems(ids[0]));
        yield return ("Transform", model => Read(model.Transform(sequences), "RecommendedItems", "Score"));
        yield return ("GetUserEmbeddings", model => Read(model.GetUserEmbeddings(sequences), "Embedding"));
        yield return ("GetItemEmbeddings", model => Read(model.GetItemEmbeddings(), "Embedding"));
        yield return ("WithItems", model => model.WithItems(items).Dispose());
        yield return ("WithoutItems", model => model.WithoutItems(ids.Take(3)).Dispose());
        yield return ("WithItemPrecision", model => model.WithItemPrecision(ItemPrecision.Int8).Dispose());
        yield return ("ItemPrecision", model => _ = model.ItemPrecision);
        yield return ("Save", model => _mlContext.Model.Save(model, sequences.Schema, Stream.Null));
        yield return ("Prediction engine", Predict);
        yield return ("Int8 Recommend", model => model.Recommend(ids.Take(5)));
    }

    private void Predict(SsnaTransformer model)
    {
        using var engine = _mlContext.Model.CreatePredictionEngine<User, Recommendation>(
            model,
            new PredictionEngineOptions { OwnsTransformer = false }
        );
        for (int i = 0; i < 20; i++)
        {
            engine.Predict(new User());
        }
    }

    private static void Read(IDataView data, params string[] columns)
    {
        DataViewSchema.Column[] active = [.. columns.Select(name => data.Schema[name])];
        using DataViewRowCursor cursor = data.GetRowCursor(active);
        Action[] getters = [.. active.Select(column => Getter(cursor, column))];
        while (cursor.MoveNext())
        {
            Array.ForEach(getters, get => get());
        }
    }

    private static Action Getter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type.RawType == typeof(VBuffer<float>))
        {
            ValueGetter<VBuffer<float>> numbers = cursor.GetGetter<VBuffer<float>>(column);
            VBuffer<float> values = default;
            return () => numbers(ref values);
        }
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> texts = cursor.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> items = default;
        return () => texts(ref items);
    }

    private Disposed Load(string operation)
    {
        var loaded = (SsnaTransformer)_mlContext.Model.Load(modelPath, out _);
        return operation.StartsWith("Int8", StringComparison.Ordinal)
            ? new(loaded.WithItemPrecision(ItemPrecision.Int8), loaded)
            : new(loaded, null);
    }

    private sealed record Disposed(SsnaTransformer Transformer, SsnaTransformer? Origin) : IDisposable
    {
        public void Dispose()
        {
            Transformer.Dispose();
            Origin?.Dispose();
        }
    }

    private sealed class User
    {
        public string[] Sequence { get; set; } = ["item01", "item02"];
    }

    private sealed class Recommendation
    {
        public float[] RecommendedScores { get; set; } = [];
    }
}
