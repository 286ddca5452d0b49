using System.Runtime.InteropServices;

namespace Ssna.MLNet.Mpi;

/// <summary>
/// The MPI library of this machine, its functions and what its header file names: handles and constants are pointers to symbols in
/// Open MPI and numbers in MPICH and what is built from it.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    private const int Now = 2; // RTLD_NOW
    private const int Global = 0x100; // RTLD_GLOBAL on Linux

    private static readonly string[] s_openMpi = ["libmpi.so.40", "libmpi.so.80", "libmpi.so"];
    private static readonly string[] s_mpich = ["libmpich.so.12", "libmpi.so.12", "libmpich.so"];

    private readonly nint _library;

    private MpiLibrary(nint library, string file)
    {
        (_library, File) = (library, file);
        if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out nint world)) // Open MPI
        {
            (World, Byte, Float, Double) = (
                world,
                Symbol("ompi_mpi_byte"),
                Symbol("ompi_mpi_float"),
                Symbol("ompi_mpi_double")
            );
            Integer = Symbol("ompi_mpi_int");
            Sum = Symbol("ompi_mpi_op_sum");
            ErrorsReturn = Symbol("ompi_mpi_errors_return");
            (InPlace, IgnoreStatus) = (1, 0);
        }
        else
        {
            (World, Byte, Float, Double) = (0x44000000, 0x4c00010d, 0x4c00040a, 0x4c00080b);
            Integer = 0x4c000405;
            Sum = 0x58000003;
            ErrorsReturn = 0x54000001;
            (InPlace, IgnoreStatus) = (-1, 1);
        }
        Initialize = (delegate* unmanaged<int*, byte***, int, int*, int>)Symbol("MPI_Init_thread");
        Initialized = (delegate* unmanaged<int*, int>)Symbol("MPI_Initialized");
        Finish = (delegate* unmanaged<int>)Symbol("MPI_Finalize");
        Abort = (delegate* unmanaged<nint, int, int>)Symbol("MPI_Abort");
        Rank = (delegate* unmanaged<nint, int*, int>)Symbol("MPI_Comm_rank");
        Size = (delegate* unmanaged<nint, int*, int>)Symbol("MPI_Comm_size");
        SetErrorHandler = (delegate* unmanaged<nint, nint, int>)Symbol("MPI_Comm_set_errhandler");
        ErrorText = (delegate* unmanaged<int, byte*, int*, int>)Symbol("MPI_Error_string");
        VersionText = (delegate* unmanaged<byte*, int*, int>)Symbol("MPI_Get_library_version");
        ProcessorName = (delegate* unmanaged<byte*, int*, int>)Symbol("MPI_Get_processor_name");
        AllReduce = (delegate* unmanaged<nint, void*, int, nint, nint, nint, nint*, int>)Symbol("MPI_Iallreduce");
        AllGather = (delegate* unmanaged<nint, int, nint, void*, int*, int*, nint, nint, nint*, int>)Symbol(
            "MPI_Iallgatherv"
        );
        Broadcast = (delegate* unmanaged<void*, int, nint, int, nint, nint*, int>)Symbol("MPI_Ibcast");
        Meet = (delegate* unmanaged<nint, nint*, int>)Symbol("MPI_Ibarrier");
        Send = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)Symbol("MPI_Isend");
        Receive = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)Symbol("MPI_Irecv");
        Test = (delegate* unmanaged<nint*, int*, nint, int>)Symbol("MPI_Test");
    }

    /// <summary>The file's name.</summary>
    public string File { get; }

    public nint World { get; }
    public nint Byte { get; }
    public nint Integer { get; }
    public nint Float { get; }
    public nint Double { get; }
    public nint Sum { get; }
    public nint ErrorsReturn { get; }
    public nint InPlace { get; }
    public nint IgnoreStatus { get; }

    public delegate* unmanaged<int*, byte***, int, int*, int> Initialize { get; }
    public delegate* unmanaged<int*, int> Initialized { get; }
    public delegate* unmanaged<int> Finish { get; }
    public delegate* unmanaged<nint, int, int> Abort { get; }
    public delegate* unmanaged<nint, int*, int> Rank { get; }
    public delegate* unmanaged<nint, int*, int> Size { get; }
    public delegate* unmanaged<nint, nint, int> SetErrorHandler { get; }
    public delegate* unmanaged<int, byte*, int*, int> ErrorText { get; }
    public delegate* unmanaged<byte*, int*, int> VersionText { get; }
    public delegate* unmanaged<byte*, int*, int> ProcessorName { get; }
    public delegate* unmanaged<nint, void*, int, nint, nint, nint, nint*, int> AllReduce { get; }
    public delegate* unmanaged<nint, int, nint, void*, int*, int*, nint, nint, nint*, int> AllGather { get; }
    public delegate* unmanaged<void*, int, nint, int, nint, nint*, int> Broadcast { get; }
    public delegate* unmanaged<nint, nint*, int> Meet { get; }
    public delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> Send { get; }
    public delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> Receive { get; }
    public delegate* unmanaged<nint*, int*, nint, int> Test { get; }

    /// <summary>Loads the library that has started this process.</summary>
    /// <param name="launcher">What did.</param>
    /// <exception cref="DllNotFoundException">It is not there.</exception>
    public static MpiLibrary Load(MpiLauncher launcher)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Ssna.MLNet.Mpi is for Linux, with Open MPI or MPICH.");
        }
        string[] files = launcher switch
        {
            MpiLauncher.OpenMpi => s_openMpi,
            MpiLauncher.Mpich => s_mpich,
            _ => [.. s_openMpi, .. s_mpich],
        };
        // UCX, by which either library may exchange messages, would take SIGSEGV for itself, of which .NET makes
        // NullReferenceException.
        _ = SetVariable("UCX_ERROR_SIGNALS", "", overwrite: 0);
        foreach (string file in files)
        {
            // Open MPI loads plugins that look for its symbols among the process's own.
            nint library = DlOpen(file, Now | Global);
            if (library != 0)
            {
                return new MpiLibrary(library, file);
            }
        }
        throw new DllNotFoundException(
            $"This process was started by {Describe(launcher)}, and its library is not here: expected one of "
                + $"{string.Join(", ", files)}. On Debian, openmpi-bin and mpich bring them."
        );
    }

    private static string Describe(MpiLauncher launcher) =>
        launcher switch
        {
            MpiLauncher.OpenMpi => "Open MPI",
            MpiLauncher.Mpich => "MPICH",
            _ => "a launcher of either library",
        };

    private nint Symbol(string name) => NativeLibrary.GetExport(_library, name);

    // .NET keeps variables to itself; a library looks for them in C's environment.
    [DllImport("libc", EntryPoint = "setenv")]
    private static extern int SetVariable(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string value,
        int overwrite
    );

    [DllImport("libc", EntryPoint = "dlopen")]
    private static extern nint DlOpen([MarshalAs(UnmanagedType.LPUTF8Str)] string file, int flags);
}
