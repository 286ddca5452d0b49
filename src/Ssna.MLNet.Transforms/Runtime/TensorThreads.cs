using TorchSharp;

namespace Ssna.MLNet.Runtime;

/// <summary>Sets the number of the process's tensor threads for a while, and sets it back when disposed, once.</summary>
/// <remarks>
/// The number is one setting for the whole process: who needs it alone must see to that. Uses that overlap, in whatever
/// order they end, leave the number that was there before the first.
/// </remarks>
internal readonly struct TensorThreads : IDisposable
{
    /// <summary>
    /// The most threads that are taken for a setting: four a processor, and 64 where those are fewer, so that a setting made
    /// on a large machine gives the same numbers on a small one. Thousands would make OpenMP end the process.
    /// </summary>
    public static int Maximum => Math.Max(64, 4 * Environment.ProcessorCount);

    private static readonly Lock s_gate = new();
    private static int s_users;
    private static int s_before;

    private readonly bool _isUser;

    private TensorThreads(bool isUser) => _isUser = isUser;

    /// <summary>Refuses a number that is none, or more than is taken.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is.</exception>
    public static void Check(int? threads, string option) =>
        OptionsChecks.Require(
            threads is null || (threads >= 1 && threads <= Maximum),
            threads,
            option,
            $"from 1 to {Maximum} on this machine, or null"
        );

    /// <summary>Sets the number, or leaves it as it is where <paramref name="threads"/> is null.</summary>
    public static TensorThreads Use(int? threads)
    {
        if (threads is not { } number)
        {
            return default;
        }
        lock (s_gate)
        {
            int before = s_users == 0 ? torch.get_num_threads() : s_before;
            torch.set_num_threads(number);
            (s_before, s_users) = (before, s_users + 1);
        }
        return new TensorThreads(isUser: true);
    }

    /// <summary>
    /// Sets the number for the calling thread, a thread of ours that ends with its work. To libtorch it is the process's as well,
    /// of threads that are yet to compute: <see cref="Restate"/> on another thread, right after, says what theirs is.
    /// </summary>
    public static void SetForThisThread(int number)
    {
        // Asked first: a thread that has not computed yet would take over the process's number with its first tensor.
        _ = torch.get_num_threads();
        torch.set_num_threads(number);
    }

    /// <summary>Makes the calling thread's number that of threads that are yet to compute.</summary>
    public static void Restate() => torch.set_num_threads(torch.get_num_threads());

    public void Dispose()
    {
        if (!_isUser)
        {
            return;
        }
        lock (s_gate)
        {
            s_users--;
            // Not by the last user alone: OpenMP has a number a thread, which libtorch sets on the calling thread only.
            torch.set_num_threads(s_before);
        }
    }
}
