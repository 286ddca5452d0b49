using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Devices;

/// <summary>
/// What libtorch computes on the device <c>meta</c> in Python and not without it: operators that know the shape of their result, and
/// have no kernel there to say it. Each that is used is named here.
/// </summary>
internal static unsafe class MetaKernels
{
    private static readonly List<Kernel> s_kernels = []; // never freed: libtorch calls them for ever
    private static readonly List<Tensor> s_given = []; // never collected: their references are libtorch's
    private static readonly Device s_meta = torch.device("meta");
    private static readonly Lazy<bool> s_registered = new(RegisterAll);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Kernel(nint functor, nint handle, ulong keys, nint* stack);

    /// <summary>Takes the arguments' places and gives the results.</summary>
    private delegate Tensor[] StandIn(nint[] arguments);

    /// <summary>Registers them, once a process.</summary>
    public static void Register() => Assert.IsTrue(s_registered.Value);

    private static bool RegisterAll()
    {
        Register(
            "index_select",
            3,
            a => [Like(a[0], Replaced(LibTorch.ShapeOf(a[0]), *(long*)a[1], LibTorch.ShapeOf(a[2])[0]))]
        );
        Register(
            "native_layer_norm",
            5,
            a =>
            {
                long[] shape = LibTorch.ShapeOf(a[0]);
                long[] rows = Replaced(LibTorch.ShapeOf(a[0]), shape.Length - 1, 1);
                return [Like(a[0], shape), Like(a[0], rows), Like(a[0], rows)];
            }
        );
        Register("native_layer_norm_backward", 8, a => [Same(a[1]), Same(a[5]), Same(a[6])]);
        Register("isnan", 1, a => [empty(LibTorch.ShapeOf(a[0]), ScalarType.Bool, s_meta)]);
        Register("where", 3, a => [Like(a[1], Broadcast(a))], "self");
        Register("_safe_softmax", 3, a => [Same(a[0])]);
        Register("abs", 1, a => [Same(a[0])]);
        Register("logical_not", 1, a => [empty(LibTorch.ShapeOf(a[0]), ScalarType.Bool, s_meta)]);
        RegisterInPlace("logical_and_", 2);
        RegisterInPlace("logical_or_", 2);
        return true;
    }

    // What all arguments together are spread to.
    private static long[] Broadcast(IEnumerable<nint> tensors)
    {
        long[][] shapes = [.. tensors.Select(LibTorch.ShapeOf)];
        var all = new long[shapes.Max(shape => shape.Length)];
        Array.Fill(all, 1);
        foreach (long[] shape in shapes)
        {
            for (int i = 1; i <= shape.Length; i++)
            {
                all[^i] = all[^i] == 1 ? shape[^i] : all[^i];
            }
        }
        return all;
    }

    private static Tensor Same(nint tensor) => Like(tensor, LibTorch.ShapeOf(tensor));

    private static Tensor Like(nint tensor, long[] shape) => empty(shape, LibTorch.TypeOf(tensor), s_meta);

    private static long[] Replaced(long[] shape, long dimension, long size)
    {
        shape[dimension] = size;
        return shape;
    }

    private static void Register(string name, int arguments, StandIn standIn, string overload = "") =>
        Register(name, overload, (_, _, _, stack) => Run(arguments, standIn, stack));

    // Of operators that write into their first argument and return it.
    private static void RegisterInPlace(string name, int arguments) =>
        Register(name, "", (_, _, _, stack) => stack[1] -= (arguments - 1) * LibTorch.ValueSize);

    private static void Register(string name, string overload, Kernel kernel)
    {
        s_kernels.Add(kernel);
        byte* operatorName = (byte*)NativeMemory.AllocZeroed(64);
        LibTorch.WriteText(operatorName, "aten::" + name);
        LibTorch.WriteText(operatorName + 32, overload);
        nint* function = (nint*)NativeMemory.AllocZeroed(128);
        function[1] = Marshal.GetFunctionPointerForDelegate(kernel);
        nint dispatcher = ((delegate* unmanaged<nint>)LibTorch.Export("_ZN3c1010Dispatcher13realSingletonEv"))();
        var register = (delegate* unmanaged<nint, nint, nint, long, nint, Nothing, nint, nint, nint>)
            LibTorch.Export(
                "_ZN3c1010Dispatcher12registerImplENS_12OperatorNameESt8optionalINS_11DispatchKeyEENS_14KernelFunctionES2_INS_4impl12CppSignatureEESt10unique_ptrINS_14FunctionSchemaESt14default_deleteISA_EENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
            );
        _ = register(
            (nint)NativeMemory.AllocZeroed(64),
            dispatcher,
            (nint)operatorName,
            s_metaKey | (1 << 16), // an optional that is there
            (nint)function,
            default,
            (nint)NativeMemory.AllocZeroed(8),
            LibTorch.Text("a test's stand-in")
        );
    }

    private static readonly int s_metaKey = FindMetaKey();

    private static int FindMetaKey()
    {
        var nameOf = (delegate* unmanaged<int, nint>)LibTorch.CoreExport("_ZN3c108toStringENS_11DispatchKeyE");
        return Enumerable.Range(0, 256).First(key => Marshal.PtrToStringUTF8(nameOf(key)) == "Meta");
    }

    // A stack is a std::vector: where it starts, and where it ends. Arguments are the last ones on it, results take their place.
    private static void Run(int count, StandIn standIn, nint* stack)
    {
        nint start = stack[1] - (count * LibTorch.ValueSize);
        var arguments = new nint[count];
        for (int i = 0; i < count; i++)
        {
            arguments[i] = start + (i * LibTorch.ValueSize);
        }
        using var scope = NewDisposeScope();
        Tensor[] results = standIn(arguments);
        for (int i = 0; i < results.Length; i++)
        {
            Tensor result = results[i].DetachFromDisposeScope();
            s_given.Add(result); // the stack takes its reference over
            *(nint*)(start + (i * LibTorch.ValueSize)) = LibTorch.ImplementationOf(result);
            *(long*)(start + (i * LibTorch.ValueSize) + 8) = 1;
        }
        stack[1] = start + (results.Length * LibTorch.ValueSize);
    }

    /// <summary>An optional of two words that is not there.</summary>
    private readonly record struct Nothing(nint Value, nint IsThere);
}
