using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Serving;

/// <summary>A request that waits for its batch, and for whom there is an answer once.</summary>
/// <param name="request">What is asked.</param>
/// <param name="memory">The model's memory, kept until the request is done with.</param>
internal sealed class QueuedRequest(RankingRequest request, Lifetime.Use memory)
{
    // Who waits goes on elsewhere: the batcher's thread has other requests to serve.
    private readonly TaskCompletionSource<BestItems> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RankingRequest Request => request;

    public Task<BestItems> Answer => _answer.Task;

    /// <summary>Nobody waits any more. The memory is kept until <see cref="Release"/>, as the request may be at work.</summary>
    public void Cancel(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);

    /// <summary>Gives the answer, if anybody still waits.</summary>
    public void Succeed(BestItems best) => _answer.TrySetResult(best);

    /// <summary>Says that there is none, if anybody still waits.</summary>
    public void Fail(Exception error) => _answer.TrySetException(error);

    /// <summary>The model is used for it no more.</summary>
    public void Release() => memory.Dispose();
}
