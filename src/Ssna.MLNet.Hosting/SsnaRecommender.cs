using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Hosting;

/// <summary>
/// Serves the model of a file to many callers at once, and another one when the file changes: requests are scored in batches,
/// none fails for the change, and the old model goes when the last call to it has ended.
/// </summary>
/// <remarks>
/// A file that is damaged, half-written or gone leaves the model that serves; <see cref="Status"/>, the log and the health check
/// say so. All members may be used from several threads at once.
/// </remarks>
public sealed partial class SsnaRecommender : IDisposable
{
    private readonly SsnaRecommenderOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly IDisposable _log;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly CancellationTokenSource _stop = new();

    private ServedModel _served;
    private Exception? _failure;
    private volatile FileStamp? _attempted; // the file as it was when it was loaded, or could not be
    private bool _disposed;

    private SsnaRecommender(SsnaRecommenderOptions options, ILogger logger, TimeProvider time)
    {
        (_options, _logger, _time) = (options, logger, time);
        _log = options.MLContext.LogTo(logger);
        try
        {
            _served = LoadFile();
        }
        catch
        {
            _log.Dispose();
            throw;
        }
        if (options.ReloadInterval != Timeout.InfiniteTimeSpan)
        {
            _ = WatchAsync();
        }
    }

    /// <summary>Loads the model and starts to serve it.</summary>
    /// <param name="options">Where the model is, and how it is served; not to be changed afterwards.</param>
    /// <param name="logger">Where changes of the model and ML.NET's messages go; null for nowhere.</param>
    /// <param name="time">The clock by which the file is looked at; null for the system's.</param>
    /// <returns>The recommender; dispose of it.</returns>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="FormatException">The file is damaged or holds another model.</exception>
    public static SsnaRecommender Load(
        SsnaRecommenderOptions options,
        ILogger? logger = null,
        TimeProvider? time = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return new(options, logger ?? NullLogger.Instance, time ?? TimeProvider.System);
    }

    /// <summary>Which model serves, and whether the last attempt to load another went well.</summary>
    public SsnaRecommenderStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new(_served.LoadedAt, _served.Model.ItemCount, _failure);
            }
        }
    }

    /// <summary>The model that serves at the moment, kept until the lease is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The recommender is disposed of.</exception>
    public ModelLease Acquire()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new ModelLease(_served);
        }
    }

    /// <summary>The best items for one user by the model that serves at the moment, scored together with other requests.</summary>
    /// <inheritdoc cref="RecommendationBatcher.RecommendAsync"/>
    public async Task<IReadOnlyList<ScoredItem<TItem>>> RecommendAsync<TItem>(
        IEnumerable<TItem> history,
        int? k = null,
        IEnumerable<TItem>? allow = null,
        IEnumerable<TItem>? deny = null,
        bool? excludeHistory = null,
        CancellationToken cancellationToken = default
    )
        where TItem : notnull
    {
        using ModelLease lease = Acquire();
        return await lease
            .Batcher.RecommendAsync(history, k, allow, deny, excludeHistory, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Serves what is made of the model at hand, such as one with items added. It is gone when the file is loaded again.</summary>
    /// <param name="change">
    /// Gives a new model, or the one it was given for no change. Called once, by itself: no other change and no file comes between.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for other changes.</param>
    /// <returns>Ends when the new model serves. What <paramref name="change"/> throws is thrown, and leaves the old one.</returns>
    /// <exception cref="ObjectDisposedException">The recommender is disposed of.</exception>
    public Task ChangeAsync(
        Func<SsnaTransformer, SsnaTransformer> change,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(change);
        return AloneAsync(
            () =>
            {
                using ModelLease lease = Acquire();
                SsnaTransformer changed = change(lease.Model);
                if (!ReferenceEquals(changed, lease.Model))
                {
                    Serve(new ServedModel(changed, _options, lease.LoadedAt));
                }
            },
            cancellationToken
        );
    }

    /// <summary>Loads the file now, whether it has changed or not, and serves its model.</summary>
    /// <param name="cancellationToken">Ends the wait for other changes.</param>
    /// <returns>Ends when the new model serves. Where it cannot be loaded, the old one serves on, and it is thrown why.</returns>
    /// <exception cref="ObjectDisposedException">The recommender is disposed of.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="FormatException">The file is damaged or holds another model.</exception>
    public Task ReloadAsync(CancellationToken cancellationToken = default) =>
        AloneAsync(
            () =>
            {
                try
                {
                    ServedModel served = LoadFile();
                    int items = served.Model.ItemCount;
                    Serve(served);
                    LogServing(_options.Path, items);
                }
                catch (Exception error) when (error is not ObjectDisposedException)
                {
                    Fail(error);
                    throw;
                }
            },
            cancellationToken
        );

    /// <summary>Serves no more. Calls in flight are answered; the model goes with the last of them.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }
            _disposed = true;
        }
        _stop.Cancel();
        _log.Dispose();
        _served.Retire();
    }

    private Task AloneAsync(Action change, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    change();
                }
                finally
                {
                    _changing.Release();
                }
            },
            cancellationToken
        );

    private ServedModel LoadFile()
    {
        // Before it is read: a file that changes in between is another one at the next look.
        _attempted = FileStamp.Of(_options.Path);
        long start = Stopwatch.GetTimestamp();
        try
        {
            SsnaTransformer loaded = SsnaTransformer.Load(_options.MLContext, _options.Path);
            try
            {
                SsnaTransformer prepared = _options.Prepare?.Invoke(loaded) ?? loaded;
                if (!ReferenceEquals(prepared, loaded))
                {
                    loaded.Dispose();
                }
                HostingMetrics.Loaded(start, error: null);
                return new ServedModel(prepared, _options, _time.GetUtcNow());
            }
            catch
            {
                loaded.Dispose();
                throw;
            }
        }
        catch (Exception error)
        {
            HostingMetrics.Loaded(start, error);
            throw;
        }
    }

    private void Serve(ServedModel next)
    {
        ServedModel old = next;
        lock (_gate)
        {
            if (!_disposed)
            {
                (old, _served) = (_served, next);
                _failure = null;
            }
        }
        old.Retire();
        ObjectDisposedException.ThrowIf(ReferenceEquals(old, next), this);
    }

    private void Fail(Exception error)
    {
        bool news;
        lock (_gate)
        {
            news = _failure?.Message != error.Message;
            _failure = error;
        }
        if (error is IOException or UnauthorizedAccessException)
        {
            _attempted = null; // The same file may be readable later.
        }
        if (news)
        {
            LogFailure(error, _options.Path);
        }
    }

    [LoggerMessage(LogLevel.Information, "Serving the model of '{Path}': {Items} items.")]
    private partial void LogServing(string path, int items);

    [LoggerMessage(LogLevel.Error, "'{Path}' cannot be loaded; the model loaded before serves on.")]
    private partial void LogFailure(Exception error, string path);
}
