using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ssna.MLNet.Mpi;

/// <summary>MPI at work in this process: its communicator of all ranks.</summary>
internal sealed unsafe class MpiWorld
{
    private const int LongestText = 16384; // more than MPI_MAX_LIBRARY_VERSION_STRING of both libraries

    private readonly MpiLibrary _mpi;
    private readonly MpiThread _thread;
    private readonly Action<string>? _log;
    private Heartbeats? _heartbeats;

    private MpiWorld(MpiLibrary mpi, Action<string>? log)
    {
        (_mpi, _log) = (mpi, log);
        _thread = new MpiThread(() => _heartbeats?.Look(waiting: false));
    }

    public int Rank { get; private set; }

    public int Size { get; private set; }

    public string Host { get; private set; } = "";

    public string Library { get; private set; } = "";

    public MpiStatistics Statistics { get; private set; }

    /// <summary>Starts MPI.</summary>
    /// <param name="launcher">What has started this process.</param>
    /// <param name="silence">How long nothing may be heard of a rank.</param>
    /// <param name="log">Told what is there, and why the job is ended; null for nobody.</param>
    public static MpiWorld Start(MpiLauncher launcher, TimeSpan silence, Action<string>? log)
    {
        var world = new MpiWorld(MpiLibrary.Load(launcher), log);
        world._thread.Start();
        world._thread.Run(() => world.Initialize(silence));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => world.End();
        log?.Invoke($"Rank {world.Rank} of {world.Size} on {world.Host}, {world.Library} ({world._mpi.File}).");
        return world;
    }

    public void Sum(Span<float> values) => Sum(values, _mpi.Float);

    public void Sum(Span<double> values) => Sum(values, _mpi.Double);

    public void Gather(Span<float> values, ReadOnlySpan<int> lengths)
    {
        if (lengths.Length != Size)
        {
            throw new ArgumentException(
                $"Expected {Size} lengths, one a rank, found {lengths.Length}.",
                nameof(lengths)
            );
        }
        int[] counts = lengths.ToArray();
        int[] starts = new int[Size];
        for (int rank = 1; rank < Size; rank++)
        {
            starts[rank] = starts[rank - 1] + counts[rank - 1];
        }
        if (starts[^1] + counts[^1] != values.Length)
        {
            throw new ArgumentException(
                $"Expected {values.Length}, the length of {nameof(values)}, as the sum of lengths, found {starts[^1] + counts[^1]}.",
                nameof(lengths)
            );
        }
        fixed (float* at = values)
        fixed (
            int* ofRanks = counts,
                before = starts
        )
        {
            float* place = at;
            int* pinnedCounts = ofRanks;
            int* pinnedStarts = before;
            Together(
                "Gather",
                sizeof(float) * (long)values.Length,
                request =>
                    _mpi.AllGather(
                        _mpi.InPlace,
                        0,
                        _mpi.Float,
                        place,
                        pinnedCounts,
                        pinnedStarts,
                        _mpi.Float,
                        _mpi.World,
                        request
                    )
            );
        }
    }

    public void Broadcast(Span<byte> bytes, int rank)
    {
        fixed (byte* at = bytes)
        {
            byte* place = at;
            int length = bytes.Length;
            Together(
                "Broadcast",
                length,
                request => _mpi.Broadcast(place, length, _mpi.Byte, rank, _mpi.World, request)
            );
        }
    }

    [DoesNotReturn]
    public void Abort(string reason)
    {
        _thread.Run(() => AbortHere(reason));
        throw new InvalidOperationException(reason);
    }

    private delegate int Begin(nint* request);

    private void Sum<T>(Span<T> values, nint type)
        where T : unmanaged
    {
        fixed (T* at = values)
        {
            T* place = at;
            int length = values.Length;
            Together(
                "Sum",
                sizeof(T) * (long)length,
                request => _mpi.AllReduce(_mpi.InPlace, place, length, type, _mpi.Sum, _mpi.World, request)
            );
        }
    }

    private void AbortHere(string reason)
    {
        _log?.Invoke($"Rank {Rank} on {Host} ends the job: {reason}");
        _mpi.Abort(_mpi.World, 1);
    }

    private void Initialize(TimeSpan silence)
    {
        int done;
        Check(_mpi.Initialized(&done), "MPI_Initialized");
        if (done == 0)
        {
            int provided;
            Check(_mpi.Initialize(null, null, 1, &provided), "MPI_Init_thread"); // MPI_THREAD_FUNNELED
        }
        Check(_mpi.SetErrorHandler(_mpi.World, _mpi.ErrorsReturn), "MPI_Comm_set_errhandler");
        int rank,
            size;
        Check(_mpi.Rank(_mpi.World, &rank), "MPI_Comm_rank");
        Check(_mpi.Size(_mpi.World, &size), "MPI_Comm_size");
        (Rank, Size) = (rank, size);
        Host = Text(_mpi.ProcessorName, "MPI_Get_processor_name");
        Library = NameOf(Text(_mpi.VersionText, "MPI_Get_library_version"));
        _heartbeats = new Heartbeats(_mpi, rank, size, silence, AbortHere);
    }

    // "Open MPI v4.1.4, package: ..." and "MPICH Version:\t4.0.2\n...".
    private static string NameOf(string version) =>
        string.Join(
            ' ',
            version
                .Split('\n', ',')[0]
                .Replace("Version:", "")
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );

    // Of a process that fails nobody is to wait for: its launcher sees the exit code and ends the others.
    private void End()
    {
        if (Environment.ExitCode == 0)
        {
            _thread.Run(() =>
            {
                _heartbeats!.End();
                _heartbeats = null; // no upkeep from here on
                _mpi.Finish();
            });
        }
    }

    // Ranks meet first, so that the time of waiting for one another is told from that of moving numbers.
    private void Together(string what, long bytes, Begin begin) =>
        _thread.Run(() =>
        {
            long start = Stopwatch.GetTimestamp();
            Wait(request => _mpi.Meet(_mpi.World, request), "MPI_Ibarrier");
            long met = Stopwatch.GetTimestamp();
            Wait(begin, what);
            MpiStatistics before = Statistics;
            Statistics = new(
                before.Calls + 1,
                before.Bytes + bytes,
                before.Waiting + Stopwatch.GetElapsedTime(start, met),
                before.Moving + Stopwatch.GetElapsedTime(met)
            );
        });

    private void Wait(Begin begin, string what)
    {
        nint request = 0;
        Check(begin(&request), what);
        int done = 0;
        while (true)
        {
            Check(_mpi.Test(&request, &done, _mpi.IgnoreStatus), what);
            if (done != 0)
            {
                return;
            }
            _heartbeats!.Look(waiting: true);
            Thread.Yield(); // the others may share this core
        }
    }

    private void Check(int code, string what)
    {
        if (code == 0)
        {
            return;
        }
        byte[] text = new byte[LongestText];
        int length = 0;
        fixed (byte* at = text)
        {
            _ = _mpi.ErrorText(code, at, &length);
        }
        throw new InvalidOperationException(
            $"{what} of {_mpi.File} failed on rank {Rank}: {Encoding.UTF8.GetString(text, 0, length)}"
        );
    }

    private string Text(delegate* unmanaged<byte*, int*, int> read, string what)
    {
        byte[] text = new byte[LongestText];
        int length = 0;
        fixed (byte* at = text)
        {
            Check(read(at, &length), what);
        }
        return Encoding.UTF8.GetString(text, 0, length);
    }
}
