using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Devices;

/// <summary>
/// Sees every operator that libtorch computes on this thread, those of the way back too, with all its tensors: what a GPU would be
/// asked to do, without one. By libtorch's RecordFunction, which its profiler uses.
/// </summary>
internal sealed unsafe class OperatorWatch : IDisposable
{
    private const int TensorTag = 1;

    // What moves numbers from one device to another, and is counted instead.
    private static readonly HashSet<string> s_moves = ["aten::copy_", "aten::_to_copy", "aten::to", "aten::set_data"];

    // What has the host wait until a GPU knows how large its result is, or what it is; and what we want from the CPU.
    private static readonly HashSet<string> s_waits =
    [
        "aten::item",
        "aten::_local_scalar_dense",
        "aten::is_nonzero",
        "aten::equal",
        "aten::nonzero",
        "aten::masked_select",
        "aten::bincount",
        "aten::_unique2",
        "aten::unique_consecutive",
        "aten::repeat_interleave",
        "aten::_linalg_eigh",
    ];

    [ThreadStatic]
    private static OperatorWatch? s_current;
    private static int s_inputs = -1; // where a RecordFunction has its arguments
    private static int s_elements = -1; // where a list has its elements
    private static int s_generatorTag = -1;
    private static readonly Lazy<SafeFileHandle> s_memory = new(() => File.OpenHandle("/proc/self/mem"));

    private readonly ulong _callback;
    private readonly HashSet<string> _faults = [];
    private Action<nint>? _look;

    private OperatorWatch()
    {
        var add = (delegate* unmanaged<Callback, ulong>)
            LibTorch.Export("_ZN2at22addThreadLocalCallbackENS_22RecordFunctionCallbackE");
        var callback = new Callback { Start = (nint)(delegate* unmanaged<nint, nint, nint>)&OnStart, Probability = 1 };
        callback.Flags[0] = 1; // of functions
        callback.Flags[10] = 1; // with their arguments
        s_current = this;
        _callback = add(callback);
    }

    /// <summary>What must not be: each once, with the operator's name.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>How many operators there were.</summary>
    public int Operations { get; private set; }

    /// <summary>Copies from the CPU to another device.</summary>
    public int Uploads { get; private set; }

    /// <summary>Begins to watch this thread.</summary>
    public static OperatorWatch Start()
    {
        if (s_generatorTag < 0)
        {
            using var learning = new OperatorWatch();
            learning.Learn();
        }
        return new OperatorWatch();
    }

    public void Dispose()
    {
        ((delegate* unmanaged<ulong, void>)LibTorch.Export("_ZN2at14removeCallbackEm"))(_callback);
        s_current = null;
    }

    // Where libtorch keeps things is private to it; operators on known arguments show it.
    private void Learn()
    {
        _look = _ => { };
        using var scope = NewDisposeScope();
        Tensor[] known = [ones(2, 2), ones(2, 2), ones(2, 2)];
        // What is left there of an earlier operator has other arguments.
        int inputs = Common(known, (a, b) => a.mm(b), function => function, 512, counted: true);
        int elements = Common(
            known,
            (a, b) => cat([a, b]),
            function => **(nint**)(function + inputs),
            64,
            counted: false
        );
        int tag = -1;
        _look = function => tag = tag >= 0 ? tag : *(int*)(*(nint*)(function + inputs) + (3 * LibTorch.ValueSize) + 8);
        using var generator = new Generator(1, CPU);
        _ = known[0].normal_(0, 1, generator);
        Assert.IsGreaterThanOrEqualTo(0, tag, "this libtorch does not show where a generator is");
        (s_inputs, s_elements, s_generatorTag) = (inputs, elements, tag);
    }

    // The place where two arguments are found side by side, whatever they are: in an array with their number behind it, or in a
    // std::vector.
    private int Common(
        Tensor[] known,
        Func<Tensor, Tensor, Tensor> operation,
        Func<nint, nint> where,
        int bytes,
        bool counted
    )
    {
        HashSet<int>? common = null;
        foreach ((int i, int j) in new[] { (0, 1), (2, 0), (1, 2), (1, 0) })
        {
            (nint first, nint second) = (LibTorch.ImplementationOf(known[i]), LibTorch.ImplementationOf(known[j]));
            bool seen = false;
            _look = function =>
            {
                if (!seen)
                {
                    seen = true; // the operator itself; those that it is made of come after it
                    HashSet<int> found = Find(where(function), bytes, first, second, counted);
                    common = common is null ? found : [.. common.Intersect(found)];
                }
            };
            _ = operation(known[i], known[j]);
        }
        Assert.HasCount(1, common!, "this libtorch does not show where an operator's arguments are");
        return common!.Single();
    }

    private static HashSet<int> Find(nint start, int bytes, nint first, nint second, bool counted)
    {
        HashSet<int> found = [];
        for (int offset = 0; offset < bytes; offset += 8)
        {
            nint place = *(nint*)(start + offset);
            bool likely = counted
                ? *(long*)(start + offset + 8) == 2
                : *(long*)(start + offset + 8) - place == 2 * LibTorch.ValueSize;
            // What is left there of earlier calls may look like an address and be none.
            if (likely && ReadAt(place) == first && ReadAt(place + LibTorch.ValueSize) == second)
            {
                found.Add(offset);
            }
        }
        return found;
    }

    // What is there, or null where nothing can be read: the kernel says so instead of ending the process.
    private static nint? ReadAt(nint place)
    {
        Span<byte> bytes = stackalloc byte[sizeof(nint)];
        try
        {
            return place > 0 && RandomAccess.Read(s_memory.Value, bytes, place) == bytes.Length
                ? MemoryMarshal.Read<nint>(bytes)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // Returns libtorch's std::unique_ptr, of nothing, by the place that it is given.
    [UnmanagedCallersOnly]
    private static nint OnStart(nint result, nint function)
    {
        *(nint*)result = 0;
        if (s_current is { } watch)
        {
            if (watch._look is { } look)
            {
                look(function);
            }
            else
            {
                watch.See(function);
            }
        }
        return result;
    }

    private void See(nint function)
    {
        Operations++;
        nint arguments = *(nint*)(function + s_inputs);
        // The engine of the way back announces its nodes so, without arguments.
        long count = arguments == 0 ? 0 : *(long*)(function + s_inputs + 8);
        var tensors = new List<nint>();
        bool generator = false;
        for (int i = 0; i < count; i++)
        {
            nint argument = arguments + (i * LibTorch.ValueSize);
            int tag = *(int*)(argument + 8);
            generator |= tag == s_generatorTag;
            if (tag == TensorTag)
            {
                tensors.Add(argument);
            }
            else if (tag == ListTag)
            {
                nint list = *(nint*)argument;
                nint end = *(nint*)(list + s_elements + 8);
                for (nint element = *(nint*)(list + s_elements); element < end; element += LibTorch.ValueSize)
                {
                    if (*(int*)(element + 8) == TensorTag)
                    {
                        tensors.Add(element);
                    }
                }
            }
        }
        tensors.RemoveAll(tensor => !LibTorch.IsDefined(tensor));
        Judge(NameOf(function), tensors, generator);
    }

    private const int ListTag = 14;

    private void Judge(string name, List<nint> tensors, bool generator)
    {
        int elsewhere = tensors.Count(tensor => LibTorch.DeviceOf(tensor) != DeviceType.CPU);
        if (elsewhere == 0)
        {
            return;
        }
        if (generator)
        {
            _faults.Add($"{name} draws from a generator, which is the CPU's, into a tensor of another device");
        }
        if (s_waits.Contains(name))
        {
            _faults.Add($"{name} has the host wait");
        }
        if (name == "aten::copy_")
        {
            // The target comes first.
            Uploads += LibTorch.DeviceOf(tensors[1]) == DeviceType.CPU ? 1 : 0;
            return;
        }
        // A single number on the CPU goes along with a launch.
        nint[] strangers =
        [
            .. tensors.Where(tensor =>
                LibTorch.DeviceOf(tensor) == DeviceType.CPU && LibTorch.ShapeOf(tensor).Length > 0
            ),
        ];
        if (strangers.Length > 0 && !s_moves.Contains(name))
        {
            string shapes = string.Join(", ", strangers.Select(one => $"({string.Join(", ", LibTorch.ShapeOf(one))})"));
            _faults.Add($"{name} has tensors of two devices, of shape {shapes} on the CPU");
        }
    }

    private static string NameOf(nint function) =>
        Marshal.PtrToStringUTF8(
            ((delegate* unmanaged<nint, nint>)LibTorch.Export("_ZNK2at14RecordFunction4nameEv"))(function)
        )!;

    /// <summary>libtorch's RecordFunctionCallback.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Callback
    {
        public nint Start;
        public nint End;
        public double Probability;
        public fixed byte Flags[16]; // ten kinds of what is recorded, then whether with arguments, results, numbers
    }
}
