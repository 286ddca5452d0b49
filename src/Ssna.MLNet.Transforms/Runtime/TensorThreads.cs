using TorchSharp;

namespace Ssna.MLNet.Runtime;

/// <summary>Sets the number of the process's tensor threads for a while, and sets it back when disposed.</summary>
/// <remarks>The number is one setting for the whole process: who needs it alone must see to that.</remarks>
internal readonly struct TensorThreads : IDisposable
{
    private readonly int? _before;

    private TensorThreads(int? before) => _before = before;

    /// <summary>Sets the number, or leaves it as it is where <paramref name="threads"/> is null.</summary>
    public static TensorThreads Use(int? threads)
    {
        if (threads is not { } number)
        {
            return default;
        }
        int before = torch.get_num_threads();
        torch.set_num_threads(number);
        return new TensorThreads(before);
    }

    public void Dispose()
    {
        if (_before is { } number)
        {
            torch.set_num_threads(number);
        }
    }
}
