using System.Runtime.InteropServices;

/// <summary>
/// A size beyond which no file of this process grows (Linux): a disk that is full in the middle of a write, or, as a signal ends the
/// process there unless it is ignored, a kill at that place. It needs no rights and no disk of its own.
/// </summary>
internal static partial class FileSizeLimit
{
    private const int FileSize = 1; // RLIMIT_FSIZE
    private const int CoreSize = 4; // RLIMIT_CORE
    private const int FileSizeExceeded = 25; // SIGXFSZ
    private const ulong Unlimited = ulong.MaxValue;
    private const uint Nobody = 65534;

    /// <summary>Has writes beyond the limit fail, as on a full disk, instead of ending the process.</summary>
    public static void FailInstead() => Signal(FileSizeExceeded, 1); // SIG_IGN

    /// <summary>Sets the limit, for files that are written from now on.</summary>
    public static void Set(long bytes)
    {
        Require(SetLimit(CoreSize, new Limits(0, Unlimited)));
        Require(SetLimit(FileSize, new Limits((ulong)bytes, Unlimited)));
    }

    /// <summary>Lifts the limit.</summary>
    public static void Lift() => Require(SetLimit(FileSize, new Limits(Unlimited, Unlimited)));

    /// <summary>Gives up the rights of root, who may write in folders that are read-only.</summary>
    /// <returns>
    /// Whether this process has none, now, and works without: in a checkout that only root may read it could load no more of itself.
    /// </returns>
    public static bool GiveUpRoot() => EffectiveUser() != 0 || (SetUser(Nobody) == 0 && CanReadItself());

    private static bool CanReadItself()
    {
        try
        {
            using FileStream _ = File.OpenRead(typeof(FileSizeLimit).Assembly.Location);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Require(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"setrlimit: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private static int SetLimit(int resource, Limits limits) => SetResourceLimit(resource, in limits);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetResourceLimit(int resource, in Limits limits);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint Signal(int number, nint action);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "setuid", SetLastError = true)]
    private static partial int SetUser(uint user);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limits(ulong Soft, ulong Hard);
}
