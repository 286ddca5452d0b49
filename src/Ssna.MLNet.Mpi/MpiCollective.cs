using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Transforms;

namespace Ssna.MLNet.Mpi;

/// <summary>The ranks of an MPI job, as what <c>mpirun -n 4 dotnet app.dll</c> or Slurm's <c>srun</c> starts.</summary>
/// <remarks>
/// The MPI library is the one that is installed on the machine, Open MPI or MPICH, found when the process runs; nothing is compiled
/// against it. MPI can be started once in a process, so that there is one instance. It ends with the process; a process that ends
/// with an exit code other than 0, or is killed, ends the job.
/// </remarks>
public sealed class MpiCollective : ICollective
{
    private static readonly Lock s_starting = new();
    private static MpiCollective? s_instance;

    private readonly MpiWorld? _world;

    private MpiCollective(MpiWorld? world) => _world = world;

    /// <inheritdoc/>
    public int Rank => _world?.Rank ?? 0;

    /// <inheritdoc/>
    public int Size => _world?.Size ?? 1;

    /// <inheritdoc/>
    public string Host => _world?.Host ?? Environment.MachineName;

    /// <summary>The place of this process among the job's on its machine, from 0: the GPU that it takes where each has one.</summary>
    public int LocalRank { get; private init; }

    /// <summary>The MPI library's own name and version, or null where this is one process that nothing started as a rank.</summary>
    public string? Library => _world?.Library;

    /// <summary>What the ranks have exchanged so far.</summary>
    public MpiStatistics Statistics => _world?.Statistics ?? default;

    /// <summary>
    /// Starts MPI where a launcher has started this process as one of several (Open MPI's mpirun, MPICH's mpiexec, Slurm's srun, by
    /// the variables that they set); elsewhere it is one process, and no MPI library is needed.
    /// </summary>
    /// <param name="silence">
    /// How long nothing may be heard of a rank, each of which gives a sign every second however busy it is, until the job is ended
    /// with its number. Default a minute.
    /// </param>
    /// <param name="log">Told which library and ranks there are, and why a job is ended; null for nobody.</param>
    /// <returns>The same instance at every call.</returns>
    /// <exception cref="DllNotFoundException">The launcher's MPI library is not on this machine.</exception>
    /// <exception cref="InvalidOperationException">MPI cannot be started; the message has its own.</exception>
    /// <exception cref="PlatformNotSupportedException">A launcher started it on another system than Linux.</exception>
    public static MpiCollective FromEnvironment(TimeSpan? silence = null, Action<string>? log = null)
    {
        TimeSpan allowed = silence ?? TimeSpan.FromMinutes(1);
        if (allowed < TimeSpan.FromSeconds(5))
        {
            throw new ArgumentOutOfRangeException(nameof(silence), allowed, "Expected 5 seconds at least.");
        }
        lock (s_starting)
        {
            return s_instance ??= Start(allowed, log);
        }
    }

    /// <inheritdoc/>
    public void Sum(Span<float> values) => World().Sum(values);

    /// <inheritdoc/>
    public void Sum(Span<double> values) => World().Sum(values);

    /// <inheritdoc/>
    public void Gather(Span<float> values, ReadOnlySpan<int> lengths) => World().Gather(values, lengths);

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes, int rank) => World().Broadcast(bytes, rank);

    /// <inheritdoc/>
    [DoesNotReturn]
    public void Abort(string reason) => World().Abort(reason);

    private static MpiCollective Start(TimeSpan silence, Action<string>? log)
    {
        MpiLauncher launcher = MpiLaunchers.Find(Environment.GetEnvironmentVariable);
        return launcher == MpiLauncher.None
            ? new(null)
            : new(MpiWorld.Start(launcher, silence, log))
            {
                LocalRank = MpiLaunchers.LocalRank(Environment.GetEnvironmentVariable) ?? 0,
            };
    }

    private MpiWorld World() =>
        _world ?? throw new InvalidOperationException("This is one process; it has nobody to exchange numbers with.");
}
