using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Devices;

/// <summary>
/// Functions of libtorch that TorchSharp does not offer, by their names in the library, and how its objects lie in memory: as GCC
/// lays them out on x64. For tests alone, which are left out elsewhere.
/// </summary>
internal static unsafe class LibTorch
{
    /// <summary>Bytes of an IValue: eight of content, then its tag.</summary>
    public const int ValueSize = 16;

    private static readonly IntPtr s_library = Library();
    private static readonly IntPtr s_core = Library("libc10.so");
    private static readonly IntPtr s_torchSharp = NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);

    private static readonly delegate* unmanaged<nint, int> s_deviceType = (delegate* unmanaged<nint, int>)
        NativeLibrary.GetExport(s_torchSharp, "THSTensor_device_type");

    private static readonly delegate* unmanaged<nint, long> s_dimensions = (delegate* unmanaged<nint, long>)
        NativeLibrary.GetExport(s_torchSharp, "THSTensor_ndimension");

    private static readonly delegate* unmanaged<nint, long, long> s_size = (delegate* unmanaged<nint, long, long>)
        NativeLibrary.GetExport(s_torchSharp, "THSTensor_size");

    private static readonly delegate* unmanaged<nint, sbyte> s_type = (delegate* unmanaged<nint, sbyte>)
        NativeLibrary.GetExport(s_torchSharp, "THSTensor_type");

    private static readonly nint s_undefined = NativeLibrary.GetExport(
        s_core,
        "_ZN3c1019UndefinedTensorImpl10_singletonE"
    );

    public static IntPtr Export(string name) => NativeLibrary.GetExport(s_library, name);

    public static IntPtr CoreExport(string name) => NativeLibrary.GetExport(s_core, name);

    /// <summary>What a tensor is to libtorch.</summary>
    public static nint ImplementationOf(Tensor tensor) => *(nint*)tensor.Handle;

    /// <summary>Whether a place that holds a tensor holds one indeed.</summary>
    public static bool IsDefined(nint tensor) => *(nint*)tensor != 0 && *(nint*)tensor != s_undefined;

    public static DeviceType DeviceOf(nint tensor) => (DeviceType)s_deviceType(tensor);

    public static ScalarType TypeOf(nint tensor) => (ScalarType)s_type(tensor);

    public static long[] ShapeOf(nint tensor)
    {
        var shape = new long[s_dimensions(tensor)];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = s_size(tensor, i);
        }
        return shape;
    }

    /// <summary>A std::string in memory of its own, which is never freed.</summary>
    public static nint Text(string text)
    {
        byte* value = (byte*)NativeMemory.AllocZeroed(32);
        WriteText(value, text);
        return (nint)value;
    }

    /// <summary>Writes a std::string: its place, its length, and its bytes if they are few.</summary>
    public static void WriteText(byte* value, string text)
    {
        byte* bytes = text.Length < 16 ? value + 16 : (byte*)NativeMemory.AllocZeroed((nuint)text.Length + 1);
        *(nint*)value = (nint)bytes;
        *(long*)(value + 8) = text.Length;
        if (text.Length >= 16)
        {
            *(long*)(value + 16) = text.Length;
        }
        for (int i = 0; i < text.Length; i++)
        {
            bytes[i] = (byte)text[i];
        }
    }

    private static IntPtr Library(string name = "libtorch_cpu.so") =>
        NativeLibrary.Load(
            Process
                .GetCurrentProcess()
                .Modules.Cast<ProcessModule>()
                .First(module => module.ModuleName == name)
                .FileName
        );
}
