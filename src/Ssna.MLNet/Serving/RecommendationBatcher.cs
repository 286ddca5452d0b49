using System.Threading.Channels;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Serving;

namespace Microsoft.ML.Trainers.Recommender;

/// <summary>
/// Recommends to many callers at once: requests that arrive while others are scored wait, and are scored together as one batch,
/// which takes a processor less time than one after another. For web services and other servers.
/// </summary>
/// <remarks>
/// <para>
/// One thread scores. It waits for nothing: a request that comes alone is scored at once, and batches grow by themselves as the
/// load does. Each request has its own number of items, exclusions and cancellation; one that cannot be served fails alone.
/// Requests with a list of allowed items are scored one at a time within their batch.
/// </para>
/// <para>
/// All members may be used from several threads at once. Requests that wait keep the model's memory, so that the model may be
/// disposed of: what was asked before is still answered. Requests are counted, and batches measured, by the meter <c>Ssna.MLNet</c>.
/// </para>
/// </remarks>
public sealed class RecommendationBatcher : IAsyncDisposable, IDisposable
{
    private const string Method = "batcher";

    private readonly SsnaTransformer _model;
    private readonly Func<IReadOnlyList<RankingRequest>, BestItems[]> _rank;
    private readonly Channel<QueuedRequest> _queue;
    private readonly int _maximumBatchSize;
    private readonly int _queueCapacity;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closed;

    /// <summary>Starts to serve.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="maximumBatchSize">
    /// The most requests that are scored together, 256 by default: as many as <c>SsnaTransformer.RecommendMany</c> scores together.
    /// </param>
    /// <param name="queueCapacity">The most requests that wait, 1,024 by default; further ones are refused.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 1.</exception>
    public RecommendationBatcher(
        SsnaTransformer model,
        int maximumBatchSize = SsnaTransformer.UserBlock,
        int queueCapacity = 1024
    )
        : this(model ?? throw new ArgumentNullException(nameof(model)), model.Rank, maximumBatchSize, queueCapacity) { }

    /// <param name="model">The model.</param>
    /// <param name="rank">Ranks for requests in its place, on the batcher's thread.</param>
    /// <param name="maximumBatchSize">As of the other constructor.</param>
    /// <param name="queueCapacity">As of the other constructor.</param>
    internal RecommendationBatcher(
        SsnaTransformer model,
        Func<IReadOnlyList<RankingRequest>, BestItems[]> rank,
        int maximumBatchSize,
        int queueCapacity
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumBatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(queueCapacity, 1);
        (_model, _rank, _maximumBatchSize, _queueCapacity) = (model, rank, maximumBatchSize, queueCapacity);
        _queue = Channel.CreateBounded<QueuedRequest>(new BoundedChannelOptions(queueCapacity) { SingleReader = true });
        // A thread of its own, always the same: OpenMP keeps threads for each thread that computes, and the pool's come and go.
        new Thread(Work) { IsBackground = true, Name = "Ssna.MLNet batcher" }.Start();
    }

    /// <summary>The best items for one user, as of <see cref="SsnaTransformer.Recommend"/>, scored together with other requests.</summary>
    /// <typeparam name="TItem">The type of the ids, as of <see cref="SsnaTransformer.Recommend"/>.</typeparam>
    /// <param name="history">What the user took, oldest first. Items that the catalogue does not have are skipped.</param>
    /// <param name="k">How many items at most, or null for as many as the model's output columns have.</param>
    /// <param name="allow">What to choose from, or null for the whole catalogue.</param>
    /// <param name="deny">What not to recommend.</param>
    /// <param name="excludeHistory">
    /// Whether not to recommend what is in <paramref name="history"/>, or null for what the output columns do.
    /// </param>
    /// <param name="cancellationToken">Ends the wait at once, and takes the request out of the queue.</param>
    /// <exception cref="ArgumentException">
    /// The ids of the catalogue are of another type than <typeparamref name="TItem"/>, or one that is given is null.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is negative.</exception>
    /// <exception cref="RecommendationQueueFullException">Too many requests wait.</exception>
    /// <exception cref="ObjectDisposedException">The batcher or its model is disposed of.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<IReadOnlyList<ScoredItem<TItem>>> RecommendAsync<TItem>(
        IEnumerable<TItem> history,
        int? k = null,
        IEnumerable<TItem>? allow = null,
        IEnumerable<TItem>? deny = null,
        bool? excludeHistory = null,
        CancellationToken cancellationToken = default
    )
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(history);
        return RecommendationMetrics.MeasureAsync<IReadOnlyList<ScoredItem<TItem>>>(
            Method,
            async () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                RankingRequest request = _model.Ask(Method, history, k, allow, deny, excludeHistory);
                QueuedRequest queued = Enqueue(request);
                using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
                    (queued, token) => ((QueuedRequest)queued!).Cancel(token),
                    queued
                );
                return _model.Answer<TItem>(request, await queued.Answer.ConfigureAwait(false));
            }
        );
    }

    /// <summary>Takes no more requests, serves those that wait, and ends the thread.</summary>
    public ValueTask DisposeAsync()
    {
        Volatile.Write(ref _closed, true);
        _queue.Writer.TryComplete();
        return new(_ended.Task);
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private QueuedRequest Enqueue(RankingRequest request)
    {
        var queued = new QueuedRequest(request, _model.Hold());
        // Before the thread may take it, so that the number never falls below 0.
        RecommendationMetrics.Queued(1);
        if (_queue.Writer.TryWrite(queued))
        {
            return queued;
        }
        RecommendationMetrics.Queued(-1);
        queued.Release();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
        throw new RecommendationQueueFullException(_queueCapacity);
    }

    private void Work()
    {
        var batch = new List<QueuedRequest>(_maximumBatchSize);
        while (Wait())
        {
            batch.Clear();
            while (batch.Count < _maximumBatchSize && _queue.Reader.TryRead(out QueuedRequest? queued))
            {
                RecommendationMetrics.Queued(-1);
                if (queued.Answer.IsCompleted)
                {
                    queued.Release();
                }
                else
                {
                    batch.Add(queued);
                }
            }
            Serve(batch);
        }
        _ended.SetResult();
    }

    /// <summary>Waits for a request; false where there will be none.</summary>
    private bool Wait()
    {
        ValueTask<bool> more = _queue.Reader.WaitToReadAsync();
        return more.IsCompleted ? more.Result : more.AsTask().GetAwaiter().GetResult();
    }

    private void Serve(List<QueuedRequest> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }
        try
        {
            BestItems[] results = _rank([.. batch.Select(queued => queued.Request)]);
            for (int i = 0; i < results.Length; i++)
            {
                batch[i].Succeed(results[i]);
            }
        }
        catch (Exception error) when (batch.Count == 1)
        {
            batch[0].Fail(error);
        }
        catch (Exception)
        {
            // One of them, or all: each by itself shows which.
            foreach (QueuedRequest queued in batch)
            {
                Serve([queued]);
            }
        }
        finally
        {
            foreach (QueuedRequest queued in batch)
            {
                queued.Release();
            }
        }
    }
}
