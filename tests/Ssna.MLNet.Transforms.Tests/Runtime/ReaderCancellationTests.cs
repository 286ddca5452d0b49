using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Transforms.Tests.Runtime;

[TestClass]
public sealed class ReaderCancellationTests
{
    private static readonly CancellationToken s_cancelled = new(canceled: true);

    [TestMethod]
    public void The_own_token_counts_where_nobody_reads_alone()
    {
        Stops(ReaderCancellation.Current, s_cancelled);
        using (ReaderCancellation.Begin(() => { }))
        {
            Stops(ReaderCancellation.Current, s_cancelled);
            using (ReaderCancellation.Begin(() => { }, alone: true))
            {
                ReaderCancellation.ThrowIfRequested(ReaderCancellation.Current, s_cancelled);
            }
            Stops(ReaderCancellation.Current, s_cancelled);
        }
        ReaderCancellation.ThrowIfRequested(ReaderCancellation.Current, CancellationToken.None);
    }

    [TestMethod]
    public void A_reader_within_a_reading_is_stopped_by_both()
    {
        using var outer = ReaderCancellation.Begin(s_cancelled.ThrowIfCancellationRequested);
        using var inner = ReaderCancellation.Begin(() => { }, alone: true);
        Stops(inner, CancellationToken.None);
    }

    [TestMethod]
    public void A_reading_that_has_ended_stops_nobody_and_lets_the_own_token_count_again()
    {
        ReaderCancellation reader;
        using (reader = ReaderCancellation.Begin(s_cancelled.ThrowIfCancellationRequested, alone: true))
        {
            Stops(reader, CancellationToken.None);
        }
        Assert.IsNull(ReaderCancellation.Current);
        ReaderCancellation.ThrowIfRequested(reader, CancellationToken.None);
        Stops(reader, s_cancelled);
    }

    private static void Stops(ReaderCancellation? reader, CancellationToken own) =>
        Assert.ThrowsExactly<OperationCanceledException>(() => ReaderCancellation.ThrowIfRequested(reader, own));
}
