namespace Microsoft.ML.Transforms;

/// <summary>
/// The processes that do one work together, each of them a rank: how they exchange numbers. The package Ssna.MLNet.Mpi has one by
/// MPI.
/// </summary>
/// <remarks>
/// Every method but <see cref="Abort"/> is called by all ranks, in the same order and with buffers of the same lengths, and
/// returns when this rank has what it asked for. All ranks end with the same bits.
/// </remarks>
public interface ICollective
{
    /// <summary>This process among them, from 0.</summary>
    int Rank { get; }

    /// <summary>How many they are, at least 1.</summary>
    int Size { get; }

    /// <summary>Where this process runs, for messages: the machine's name.</summary>
    string Host { get; }

    /// <summary>Replaces each number by the sum of all ranks' numbers at its place.</summary>
    /// <param name="values">The numbers.</param>
    void Sum(Span<float> values);

    /// <inheritdoc cref="Sum(Span{float})"/>
    void Sum(Span<double> values);

    /// <summary>Gives every rank the numbers of all.</summary>
    /// <param name="values">
    /// The numbers of all ranks, end to end in the order of ranks. This rank's own are there already; the others' are filled in.
    /// </param>
    /// <param name="lengths">How many of them are each rank's; their sum is the length of <paramref name="values"/>.</param>
    void Gather(Span<float> values, ReadOnlySpan<int> lengths);

    /// <summary>Gives every rank what one of them has.</summary>
    /// <param name="bytes">On that rank what it has, on the others what is overwritten.</param>
    /// <param name="rank">That rank.</param>
    void Broadcast(Span<byte> bytes, int rank);

    /// <summary>
    /// Ends the work of all ranks, because this one cannot take part any more: for one that would leave the others waiting.
    /// </summary>
    /// <param name="reason">Why, in one line.</param>
    void Abort(string reason);
}
