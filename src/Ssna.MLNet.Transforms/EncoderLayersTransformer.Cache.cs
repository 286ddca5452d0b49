using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Features;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Transforms;

public sealed partial class EncoderLayersTransformer
{
    /// <summary>
    /// Computes the texts of data, or one of several parts of them, into <see cref="EncoderLayersEstimator.Options.CacheFolder"/>,
    /// where this and other processes find them: an array of jobs, each with its part, shares the work between machines that share
    /// the folder. Jobs may run one by one or at once, and be repeated; what is there already is not computed again.
    /// </summary>
    /// <param name="input">Data with the text column.</param>
    /// <param name="part">Which part, from 0. Texts go to parts by a hash, equal ones to the same. Default 0.</param>
    /// <param name="parts">How many parts there are. Default 1: all texts.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The part is none of the parts, or the text column is missing or no text.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// There is no cache folder; or a text's layers are no finite numbers, as in <see cref="Transform"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled; what was computed by then stays.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed of.</exception>
    public void FillCache(IDataView input, int part = 0, int parts = 1)
    {
        _host.CheckValue(input, nameof(input));
        OptionsChecks.AtLeast(1, parts, nameof(parts));
        OptionsChecks.Within(0, parts - 1, part, nameof(part));
        if (_settings.CacheFolder is null)
        {
            throw _host.Fault(
                $"{nameof(EncoderLayersEstimator.Options.CacheFolder)}: expected a folder to compute texts into, found none."
            );
        }
        using Lifetime.Use use = _memory.Begin();
        DataViewSchema.Column column = TextColumn.Require(_host, input.Schema, _inputColumn);
        using DataViewRowCursor cursor = input.GetRowCursor([column]);
        Func<string> read = TextColumn.CreateReader(cursor, column, _separator);
        var run = new RunContext(_host, token: _cancellation);
        var texts = new List<string>();
        while (cursor.MoveNext())
        {
            string text = read();
            if (TextKey.Of(text).PartOf(parts) == part)
            {
                texts.Add(text);
            }
            if (texts.Count == _settings.LookAheadRows)
            {
                Compute();
            }
        }
        Compute();

        void Compute()
        {
            _extractor.Extract(texts, run.CheckAlive);
            texts.Clear();
        }
    }

    /// <summary>
    /// The same by the ranks of a job, each of which computes its part and returns when all have: then what is read of the data's
    /// texts is in the folder.
    /// </summary>
    /// <param name="input">Data with the text column, the same on all ranks.</param>
    /// <param name="collective">The ranks.</param>
    /// <inheritdoc cref="FillCache(IDataView, int, int)"/>
    public void FillCache(IDataView input, ICollective collective)
    {
        _host.CheckValue(collective, nameof(collective));
        var ranks = new Ranks(collective);
        ranks.Together(() =>
        {
            FillCache(input, ranks.Rank, ranks.Count);
            return ranks.Any(false); // returns when all have come
        });
    }
}
