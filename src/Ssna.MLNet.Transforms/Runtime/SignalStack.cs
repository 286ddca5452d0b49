using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// Gives threads that compute in bfloat16 a signal stack on which .NET's handler has room. Once a thread has used the tiles
/// of AMX, Linux puts 11 KB of registers into each of its signal frames, for as long as the thread lives; on .NET's own stack
/// of 16 KB, a null reference that the program catches would then end the process.
/// </summary>
/// <remarks>
/// <para>
/// As the frame stays large, so does the stack: it is the thread's until it ends. Nothing native runs for us at that moment,
/// so the stacks of threads that are gone go to those that come, and there are never more than such threads at one time.
/// </para>
/// <para>
/// .NET frees a thread's own signal stack at its end if it is still the one in use; as it is not, we do.
/// </para>
/// </remarks>
internal static unsafe partial class SignalStack
{
    /// <summary>The room that a thread gets.</summary>
    public const int Size = 256 * 1024;

    private const int Disabled = 2; // SS_DISABLE
    private const int NoSuchThread = 3; // ESRCH
    private const int BadAddress = 14; // EFAULT
    private const long SystemThreadId = 186; // SYS_gettid, x64
    private const long SystemSignalThread = 234; // SYS_tgkill, x64

    private static readonly bool s_needed =
        (Hardware.HasTiles || Hardware.HasFastBFloat16)
        && OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly Lock s_gate = new();
    private static readonly List<Loan> s_loans = [];
    private static readonly Lazy<nuint> s_runtimeSize = new(MeasureRuntimeSize);

    [ThreadStatic]
    private static bool s_done;

    /// <summary>To be called on every thread before its first bfloat16 product; costs next to nothing from then on.</summary>
    /// <exception cref="InvalidOperationException">The system does not give the stack.</exception>
    public static void Ensure()
    {
        if (s_needed && !s_done)
        {
            Enlarge();
        }
    }

    /// <summary>The signal stack of this thread, or 0 for none.</summary>
    public static long SizeOfThread()
    {
        StackDescription present = Present();
        return (present.Flags & Disabled) == 0 ? (long)present.Size : 0;
    }

    /// <summary>Stacks that were made and are there still.</summary>
    public static int Count
    {
        get
        {
            lock (s_gate)
            {
                return s_loans.Count;
            }
        }
    }

    /// <summary>What <see cref="Ensure"/> does on a CPU with fast bfloat16.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Enlarge()
    {
        if (s_done)
        {
            return;
        }
        StackDescription own = Present();
        if ((own.Flags & Disabled) != 0 || own.Size < Size)
        {
            nuint runtimeSize = s_runtimeSize.Value; // not in the lock: it starts a thread
            lock (s_gate)
            {
                Replace(own, runtimeSize);
            }
        }
        s_done = true;
    }

    private static void Replace(StackDescription own, nuint runtimeSize)
    {
        long thread = CallSystem(SystemThreadId, 0, 0, 0);
        IntPtr stack = TakeFree(thread);
        if (stack == IntPtr.Zero)
        {
            stack = Allocate();
        }
        var larger = new StackDescription { Start = stack + Environment.SystemPageSize, Size = Size };
        if (SetAlternateStack(&larger, null) != 0)
        {
            throw Refused("sigaltstack", stack);
        }
        // A host's threads may bring signal stacks of their own, which are not ours to free.
        bool runtimes = (own.Flags & Disabled) == 0 && own.Size == runtimeSize && IsGuard(own.Start);
        s_loans.Add(new Loan(thread, stack, runtimes ? own.Start : IntPtr.Zero, own.Size));
    }

    // The stack of a thread that is gone, in which no handler can run any more; the others that are free go back.
    private static IntPtr TakeFree(long newThread)
    {
        IntPtr taken = IntPtr.Zero;
        for (int i = s_loans.Count - 1; i >= 0; i--)
        {
            Loan loan = s_loans[i];
            // A loan in this thread's name is of an earlier thread of that number: this one has none yet.
            if (loan.Thread != newThread && IsThere(loan.Thread))
            {
                continue;
            }
            if (loan.RuntimeStack != IntPtr.Zero)
            {
                _ = Unmap(loan.RuntimeStack, loan.RuntimeSize);
            }
            if (taken == IntPtr.Zero)
            {
                taken = loan.Stack;
            }
            else
            {
                _ = Unmap(loan.Stack, MappedSize);
            }
            s_loans.RemoveAt(i);
        }
        return taken;
    }

    private static bool IsThere(long thread) =>
        CallSystem(SystemSignalThread, Environment.ProcessId, thread, 0) == 0
        || Marshal.GetLastPInvokeError() != NoSuchThread;

    private static nuint MappedSize => (nuint)(Size + Environment.SystemPageSize);

    // With a page below it that nothing may touch.
    private static IntPtr Allocate()
    {
        const int readWrite = 1 | 2; // PROT_READ | PROT_WRITE
        const int privateMemory = 0x2 | 0x20 | 0x20000; // MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK
        IntPtr memory = Map(IntPtr.Zero, MappedSize, readWrite, privateMemory, -1, 0);
        if (memory == -1)
        {
            throw Refused("mmap", IntPtr.Zero);
        }
        return Protect(memory, (nuint)Environment.SystemPageSize, 0) == 0 ? memory : throw Refused("mprotect", memory);
    }

    private static InvalidOperationException Refused(string call, IntPtr memory)
    {
        string why = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        if (memory != IntPtr.Zero)
        {
            _ = Unmap(memory, MappedSize);
        }
        return new InvalidOperationException(
            $"A thread that computes in bfloat16 on this CPU needs a signal stack of {Size:N0} bytes, and the system did not "
                + $"give it ({call}: {why}). Precision Float32 does without."
        );
    }

    private static StackDescription Present()
    {
        StackDescription present = default;
        _ = SetAlternateStack(null, &present);
        return present;
    }

    // A thread that .NET starts has no other signal stack than .NET's.
    private static nuint MeasureRuntimeSize()
    {
        nuint size = 0;
        var thread = new Thread(() => size = Present().Size) { IsBackground = true };
        thread.UnsafeStart();
        thread.Join();
        return size;
    }

    // .NET's stack begins with a page that cannot be read; a system call says so instead of faulting.
    private static bool IsGuard(IntPtr page) => CanAccess(page, 0) != 0 && Marshal.GetLastPInvokeError() == BadAddress;

    private readonly record struct Loan(long Thread, IntPtr Stack, IntPtr RuntimeStack, nuint RuntimeSize);

    // stack_t of Linux
    [StructLayout(LayoutKind.Sequential)]
    private struct StackDescription
    {
        public IntPtr Start;
        public int Flags;
        public nuint Size;
    }

    [LibraryImport("libc", EntryPoint = "sigaltstack", SetLastError = true)]
    private static partial int SetAlternateStack(StackDescription* stack, StackDescription* previous);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial IntPtr Map(IntPtr at, nuint size, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(IntPtr at, nuint size);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(IntPtr at, nuint size, int protection);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true)]
    private static partial int CanAccess(IntPtr path, int mode);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long CallSystem(long number, long first, long second, long third);
}
