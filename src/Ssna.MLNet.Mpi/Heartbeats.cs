using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Mpi;

/// <summary>
/// Signs of life between ranks, so that one that has stopped ends the job instead of being waited for: every rank gives one a second
/// to rank 0, which listens to all, and rank 0 to rank 1. All of it on the thread of MPI.
/// </summary>
internal sealed unsafe class Heartbeats
{
    private const int Tag = 7;
    private const int Alive = 1;
    private const int Ended = 2;

    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private readonly MpiLibrary _mpi;
    private readonly TimeSpan _silence;
    private readonly Action<string> _abort;
    private readonly int _listener;
    private readonly int[] _heard; // the ranks that this one listens to
    private readonly long[] _lastHeard;
    private readonly bool[] _ended;

    // MPI writes into them while this class is elsewhere: they stay where they are.
    private readonly int* _received;
    private readonly int* _sent;
    private readonly nint* _receiving;
    private readonly nint* _sending;

    private long _lastSent;
    private long _lastLook = Stopwatch.GetTimestamp();

    /// <param name="mpi">The library, started.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="size">How many ranks there are.</param>
    /// <param name="silence">How long nothing may be heard of a rank.</param>
    /// <param name="abort">Ends the job, and is told why.</param>
    public Heartbeats(MpiLibrary mpi, int rank, int size, TimeSpan silence, Action<string> abort)
    {
        (_mpi, _silence, _abort) = (mpi, silence, abort);
        _listener = rank == 0 ? Math.Min(1, size - 1) : 0;
        _heard =
            rank == 0 ? [.. Enumerable.Range(1, size - 1)]
            : rank == 1 ? [0]
            : [];
        _lastHeard = new long[_heard.Length];
        Array.Fill(_lastHeard, _lastLook);
        _ended = new bool[_heard.Length];
        _received = (int*)NativeMemory.AllocZeroed((nuint)Math.Max(1, _heard.Length), sizeof(int));
        _receiving = (nint*)NativeMemory.AllocZeroed((nuint)Math.Max(1, _heard.Length), (nuint)sizeof(nint));
        _sent = (int*)NativeMemory.AllocZeroed(1, sizeof(int));
        _sending = (nint*)NativeMemory.AllocZeroed(1, (nuint)sizeof(nint));
        IsAlone = size == 1;
        for (int i = 0; i < _heard.Length; i++)
        {
            Listen(i);
        }
    }

    private bool IsAlone { get; }

    /// <summary>Gives a sign where one is due, and ends the job where another's is missing.</summary>
    /// <param name="waiting">Whether this rank waits for all others, and in vain for one that has ended.</param>
    public void Look(bool waiting)
    {
        long now = Stopwatch.GetTimestamp();
        if (IsAlone || Stopwatch.GetElapsedTime(_lastLook, now) < TimeSpan.FromMilliseconds(100))
        {
            return;
        }
        // Whoever was stopped itself has heard nothing meanwhile.
        bool slept = Stopwatch.GetElapsedTime(_lastLook, now) > s_between * 2;
        _lastLook = now;
        if (Stopwatch.GetElapsedTime(_lastSent, now) >= s_between && Sent())
        {
            Send(Alive);
            _lastSent = now;
        }
        for (int i = 0; i < _heard.Length; i++)
        {
            if (slept)
            {
                _lastHeard[i] = now;
            }
            Hear(i, now, waiting);
        }
    }

    /// <summary>Says goodbye, and waits for the others' goodbyes.</summary>
    public void End()
    {
        if (IsAlone)
        {
            return;
        }
        while (!Sent())
        {
            Thread.Yield();
        }
        Send(Ended);
        while (!Sent() | Array.Exists(_ended, ended => !ended))
        {
            long now = Stopwatch.GetTimestamp();
            for (int i = 0; i < _heard.Length; i++)
            {
                Hear(i, now, waiting: false);
            }
            Thread.Sleep(1);
        }
    }

    private bool Sent() => *_sent == 0 || IsDone(_sending);

    private void Send(int sign)
    {
        *_sent = sign;
        _ = _mpi.Send(_sent, 1, _mpi.Integer, _listener, Tag, _mpi.World, _sending);
    }

    private void Listen(int i) =>
        _ = _mpi.Receive(_received + i, 1, _mpi.Integer, _heard[i], Tag, _mpi.World, _receiving + i);

    private void Hear(int i, long now, bool waiting)
    {
        if (!_ended[i] && IsDone(_receiving + i))
        {
            _lastHeard[i] = now;
            _ended[i] = _received[i] == Ended;
            if (!_ended[i])
            {
                Listen(i);
            }
        }
        else if ((waiting || !_ended[i]) && Stopwatch.GetElapsedTime(_lastHeard[i], now) > _silence)
        {
            _abort(
                _ended[i]
                    ? $"it waits for rank {_heard[i]}, which has ended."
                    : $"nothing was heard of rank {_heard[i]} for {_silence.TotalSeconds:N0} s."
            );
        }
    }

    private bool IsDone(nint* request)
    {
        int done = 0;
        return _mpi.Test(request, &done, _mpi.IgnoreStatus) == 0 && done != 0;
    }
}
