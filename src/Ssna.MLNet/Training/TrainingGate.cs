using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Training;

/// <summary>
/// Lets one training run at a time have the process's tensor threads: their number is one setting for all, and two runs
/// side by side would take each other's.
/// </summary>
internal sealed class TrainingGate : IDisposable
{
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static readonly TimeSpan s_betweenChecks = TimeSpan.FromMilliseconds(100);

    private readonly TensorThreads _threads;

    private TrainingGate(TensorThreads threads) => _threads = threads;

    /// <summary>Waits for other runs to end, and sets the number of threads if one is given.</summary>
    /// <param name="threads">The number, or null to leave it.</param>
    /// <param name="context">Stops waiting.</param>
    public static TrainingGate Enter(int? threads, RunContext context)
    {
        while (!Gate.Wait(s_betweenChecks))
        {
            context.CheckAlive();
        }
        try
        {
            return new TrainingGate(TensorThreads.Use(threads));
        }
        catch
        {
            Gate.Release();
            throw;
        }
    }

    /// <summary>Sets the number of threads back and lets the next run in.</summary>
    public void Dispose()
    {
        _threads.Dispose();
        Gate.Release();
    }
}
