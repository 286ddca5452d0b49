namespace Ssna.MLNet.Mpi;

/// <summary>What a rank has exchanged with the others.</summary>
/// <param name="Calls">Sums, gatherings and broadcasts.</param>
/// <param name="Bytes">The sizes of their buffers together.</param>
/// <param name="Waiting">The time until all ranks had come to a call.</param>
/// <param name="Moving">The time from there until it had returned.</param>
public readonly record struct MpiStatistics(long Calls, long Bytes, TimeSpan Waiting, TimeSpan Moving);
