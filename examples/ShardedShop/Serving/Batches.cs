namespace ShardedShop.Serving;

/// <summary>
/// Answers requests together that arrive while others are being answered: one that comes alone waits for nothing, and batches grow
/// as the load does.
/// </summary>
/// <param name="answer">What answers a batch: an answer for each request, in their order. It is called by one thread at a time.</param>
/// <param name="capacity">Requests that may wait.</param>
/// <param name="largest">Requests of a batch.</param>
internal sealed class Batches<TRequest, TAnswer>(
    Func<TRequest[], Task<TAnswer[]>> answer,
    int capacity = 1024,
    int largest = 256
)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TRequest Request, TaskCompletionSource<TAnswer> Answer)> _waiting = [];
    private bool _running;

    /// <summary>The answer to a request.</summary>
    /// <exception cref="UnavailableException">As many wait as may.</exception>
    public Task<TAnswer> AskAsync(TRequest request)
    {
        var done = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_waiting.Count == capacity)
            {
                throw new UnavailableException($"{capacity} requests wait already.");
            }
            _waiting.Enqueue((request, done));
            if (_running)
            {
                return done.Task;
            }
            _running = true;
        }
        _ = Task.Run(RunAsync);
        return done.Task;
    }

    private async Task RunAsync()
    {
        while (Next() is { Length: > 0 } batch)
        {
            try
            {
                TAnswer[] answers = await answer(Array.ConvertAll(batch, waiting => waiting.Request));
                for (int i = 0; i < batch.Length; i++)
                {
                    batch[i].Answer.SetResult(answers[i]);
                }
            }
            catch (Exception error)
            {
                Array.ForEach(batch, waiting => waiting.Answer.TrySetException(error));
            }
        }
    }

    private (TRequest Request, TaskCompletionSource<TAnswer> Answer)[] Next()
    {
        lock (_gate)
        {
            int count = Math.Min(_waiting.Count, largest);
            _running = count > 0;
            return [.. Enumerable.Range(0, count).Select(_ => _waiting.Dequeue())];
        }
    }
}
