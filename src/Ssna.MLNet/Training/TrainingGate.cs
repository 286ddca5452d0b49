using TorchSharp;

namespace Ssna.MLNet.Training;

/// <summary>
/// Lets one training run at a time have the process's tensor threads: their number is one setting for all, and two runs
/// side by side would take each other's.
/// </summary>
internal sealed class TrainingGate : IDisposable
{
    private static readonly SemaphoreSlim Gate = new(1, 1);

    private readonly int? _threadsBefore;

    private TrainingGate(int? threadsBefore) => _threadsBefore = threadsBefore;

    /// <summary>Waits for other runs to end, and sets the number of threads if one is given.</summary>
    public static TrainingGate Enter(int? threads, CancellationToken cancellation)
    {
        Gate.Wait(cancellation);
        if (threads is not { } number)
        {
            return new TrainingGate(null);
        }
        int before = torch.get_num_threads();
        torch.set_num_threads(number);
        return new TrainingGate(before);
    }

    /// <summary>Sets the number of threads back and lets the next run in.</summary>
    public void Dispose()
    {
        if (_threadsBefore is { } number)
        {
            torch.set_num_threads(number);
        }
        Gate.Release();
    }
}
