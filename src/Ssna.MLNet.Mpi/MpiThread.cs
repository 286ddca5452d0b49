using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Ssna.MLNet.Mpi;

/// <summary>The one thread that calls MPI, as MPI asks for where it is started in the usual way; between calls it does some upkeep.</summary>
/// <param name="upkeep">Done about ten times a second.</param>
internal sealed class MpiThread(Action upkeep)
{
    private static readonly TimeSpan s_betweenUpkeeps = TimeSpan.FromMilliseconds(100);

    private readonly BlockingCollection<Call> _calls = [];

    /// <summary>Starts the thread; it ends with the process.</summary>
    public void Start() => new Thread(Work) { IsBackground = true, Name = "MPI" }.Start();

    /// <summary>Does something on the thread, and returns when it is done.</summary>
    public void Run(Action work)
    {
        using var call = new Call(work);
        _calls.Add(call);
        call.Wait();
    }

    private void Work()
    {
        while (true)
        {
            if (_calls.TryTake(out Call? call, s_betweenUpkeeps))
            {
                call.Do();
            }
            else
            {
                upkeep();
            }
        }
    }

    private sealed class Call(Action work) : IDisposable
    {
        private readonly ManualResetEventSlim _done = new();
        private ExceptionDispatchInfo? _error;

        public void Do()
        {
            try
            {
                work();
            }
            catch (Exception error)
            {
                _error = ExceptionDispatchInfo.Capture(error);
            }
            _done.Set();
        }

        public void Wait()
        {
            _done.Wait();
            _error?.Throw();
        }

        public void Dispose() => _done.Dispose();
    }
}
