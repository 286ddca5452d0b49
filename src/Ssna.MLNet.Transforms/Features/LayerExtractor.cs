using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Features;

/// <summary>Answers with texts' layers: from the store where they are there, else from the encoder. Thread-safe.</summary>
internal sealed class LayerExtractor
{
    private readonly EncoderModel _model;
    private readonly ExtractionSettings _settings;
    private readonly IProgress<EncoderLayersProgress>? _progress;
    private readonly int? _threads;
    private readonly Action<string> _inform;
    private readonly LayerStore _store;
    private readonly Lock _encoder = new();
    private EncoderLayersProgress _done = new(0, 0, 0, TimeSpan.Zero);

    /// <param name="model">The encoder; stays the caller's.</param>
    /// <param name="settings">What to extract and how.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="threads">Tensor threads while computing, or null to leave their number as it is.</param>
    /// <param name="inform">Told of what each window took to compute.</param>
    /// <param name="warn">Told of a cache folder that cannot be used.</param>
    public LayerExtractor(
        EncoderModel model,
        ExtractionSettings settings,
        IProgress<EncoderLayersProgress>? progress,
        int? threads,
        Action<string> inform,
        Action<string> warn
    )
    {
        (_model, _settings, _progress, _threads, _inform) = (model, settings, progress, threads, inform);
        LayerCache? cache = settings.CacheFolder is { } folder
            ? new LayerCache(folder, SettingsHash(model, settings), ValueLength, warn)
            : null;
        _store = new LayerStore(ValueLength, settings.MemoryBudget, cache);
    }

    /// <summary>Floats of a text: layers times width.</summary>
    public int ValueLength => _settings.Layers * _model.Encoder.Width;

    /// <summary>What was computed so far, found texts left out.</summary>
    public EncoderLayersProgress Done => Volatile.Read(ref _done);

    /// <summary>The layers of each text, the top layer first: (layers * width) floats, shared between equal texts.</summary>
    /// <param name="texts">The texts of a window.</param>
    /// <param name="checkAlive">Called between batches; throws to stop. What is done by then stays in the store.</param>
    public float[][] Extract(IReadOnlyList<string> texts, Action checkAlive)
    {
        var values = new float[texts.Count][];
        var wanted = new Dictionary<TextKey, List<int>>();
        for (int i = 0; i < texts.Count; i++)
        {
            TextKey key = TextKey.Of(texts[i]);
            if (_store.FindInMemory(key) is { } known)
            {
                values[i] = known;
            }
            else if (wanted.TryGetValue(key, out List<int>? rows))
            {
                rows.Add(i);
            }
            else
            {
                wanted.Add(key, [i]);
            }
        }
        if (wanted.Count > 0)
        {
            // One extraction at a time has the machine; who waits here finds what the other has made.
            lock (_encoder)
            {
                using TensorThreads threads = TensorThreads.Use(_threads);
                _store.Refresh();
                var missing = new List<TextKey>();
                foreach ((TextKey key, List<int> rows) in wanted)
                {
                    if (_store.Find(key) is { } known)
                    {
                        rows.ForEach(row => values[row] = known);
                    }
                    else
                    {
                        missing.Add(key);
                    }
                }
                Compute(
                    missing,
                    key => texts[wanted[key][0]],
                    (key, value) => wanted[key].ForEach(row => values[row] = value),
                    checkAlive
                );
            }
        }
        return values;
    }

    private void Compute(
        List<TextKey> keys,
        Func<TextKey, string> textOf,
        Action<TextKey, float[]> found,
        Action checkAlive
    )
    {
        long started = Stopwatch.GetTimestamp();
        EncoderLayersProgress before = _done;
        var tokens = new int[keys.Count][];
        var truncated = new bool[keys.Count];
        Parallel.For(
            0,
            keys.Count,
            i => tokens[i] = _model.Tokenizer.Encode(textOf(keys[i]), _settings.MaximumTokens, out truncated[i])
        );
        long lastTrim = started;
        bool onCpu = _model.Encoder.Device.type == DeviceType.CPU;
        checkAlive();
        TensorWorkers.Run(
            [.. TokenBatches.Plan(tokens, _settings.TokensPerBatch)],
            onCpu ? get_num_threads() : 1,
            batch => Encode(Array.ConvertAll(batch, i => tokens[i])),
            Take
        );
        if (keys.Count > 1 || _done.TruncatedTexts > before.TruncatedTexts)
        {
            Inform(before);
        }

        void Take(int[] batch, float[][] values)
        {
            NativeHeap.TrimNowAndThen(ref lastTrim);
            TextKey[] batchKeys = Array.ConvertAll(batch, i => keys[i]);
            RequireFinite(values, batchKeys, textOf);
            _store.Add(batchKeys, values);
            for (int i = 0; i < batch.Length; i++)
            {
                found(batchKeys[i], values[i]);
            }
            EncoderLayersProgress done = new(
                _done.Texts + batch.Length,
                _done.Tokens + batch.Sum(i => tokens[i].Length),
                _done.TruncatedTexts + batch.Count(i => truncated[i]),
                before.Elapsed + Stopwatch.GetElapsedTime(started)
            );
            Volatile.Write(ref _done, done);
            _progress?.Report(done);
            checkAlive();
        }
    }

    private void Inform(EncoderLayersProgress before)
    {
        double seconds = (_done.Elapsed - before.Elapsed).TotalSeconds;
        long tokens = _done.Tokens - before.Tokens;
        long truncated = _done.TruncatedTexts - before.TruncatedTexts;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{_done.Texts - before.Texts:N0} texts of {tokens:N0} tokens in {seconds:F1} s ({tokens / seconds:N0} tokens/s)"
        );
        _inform(
            truncated == 0
                ? $"{line}."
                : $"{line}; {truncated} were longer than {_settings.MaximumTokens} tokens and cut."
        );
    }

    // Neither the store nor the cache folder is ever to hold what no model can learn from.
    private void RequireFinite(float[][] values, TextKey[] keys, Func<TextKey, string> textOf)
    {
        for (int i = 0; i < values.Length; i++)
        {
            int wrong = Array.FindIndex(values[i], value => !float.IsFinite(value));
            if (wrong >= 0)
            {
                string text = textOf(keys[i]);
                throw new InvalidOperationException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The encoder '{_model.Name}' in {_model.Encoder.Precision}: expected finite numbers of the text "
                            + $"'{(text.Length > 80 ? $"{text.AsSpan(0, 80)}..." : text)}', found {values[i][wrong]}. A higher "
                            + $"precision than float16 may help; else its weights are too large to compute with."
                    )
                );
            }
        }
    }

    private float[][] Encode(int[][] rows)
    {
        using DisposeScope scope = NewDisposeScope();
        using var frozen = TensorState.Frozen();
        (Tensor ids, Tensor lengths) = _model.Encoder.Pad(rows); // (B, T), (B)
        Tensor layers = _model.Encoder.ClsOfTopLayers(ids, lengths, _settings.Layers); // (B, layers, D)
        ReadOnlySpan<float> all = DeviceMemory.Read(layers).contiguous().data<float>().ToArray();
        var values = new float[rows.Length][];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all.Slice(i * ValueLength, ValueLength).ToArray();
        }
        return values;
    }

    private static byte[] SettingsHash(EncoderModel model, ExtractionSettings settings) =>
        SHA256.HashData([
            .. model.Hash,
            .. Encoding.UTF8.GetBytes($"{settings.Layers} {settings.MaximumTokens} {model.Encoder.Precision}"),
        ]);
}
