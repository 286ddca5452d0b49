using Microsoft.ML.Runtime;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Runtime;

/// <summary>What goes with work that may take long: where it writes lines, and what stops it.</summary>
/// <param name="host">Whose cancellation counts too, that of the whole MLContext; null for none.</param>
/// <param name="channel">Takes lines; null for nobody.</param>
/// <param name="token">Stops the work.</param>
internal sealed class RunContext(IHost? host = null, IChannel? channel = null, CancellationToken token = default)
{
    /// <summary>Work that tells nobody and that nothing stops.</summary>
    public static readonly RunContext None = new();

    public void Info(string line) => channel?.Info(line);

    public void Warning(string line) => channel?.Warning(line);

    /// <summary>Called now and then by the work.</summary>
    /// <exception cref="OperationCanceledException">It is to stop.</exception>
    public void CheckAlive()
    {
        token.ThrowIfCancellationRequested();
        host?.ThrowIfCancelled();
    }

    /// <summary>Whether it is to stop.</summary>
    public bool IsCancelled
    {
        get
        {
            try
            {
                CheckAlive();
                return false;
            }
            catch (OperationCanceledException)
            {
                return true;
            }
        }
    }

    /// <summary>The same, which nothing stops.</summary>
    public RunContext Unstoppable() => new(host: null, channel);
}
