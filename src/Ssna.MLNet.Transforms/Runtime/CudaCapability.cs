using System.Runtime.InteropServices;
using Microsoft.ML.Transforms;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// What NVIDIA calls a card's compute capability, which TorchSharp 0.107 does not tell. The driver does: it is there wherever
/// libtorch has found a card, and counts cards as libtorch does.
/// </summary>
internal static class CudaCapability
{
    // Of CUdevice_attribute in cuda.h, which never change.
    private const int Major = 75;
    private const int Minor = 76;

    /// <summary>Of a card, by its number; null where there is none, or the driver does not say.</summary>
    public static unsafe Version? Of(int gpu)
    {
        string driver = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(driver, out IntPtr library))
        {
            return null;
        }
        try
        {
            if (
                !NativeLibrary.TryGetExport(library, "cuInit", out IntPtr init)
                || !NativeLibrary.TryGetExport(library, "cuDeviceGet", out IntPtr find)
                || !NativeLibrary.TryGetExport(library, "cuDeviceGetAttribute", out IntPtr ask)
            )
            {
                return null;
            }
            var askDevice = (delegate* unmanaged<int*, int, int, int>)ask;
            int device;
            int major;
            int minor;
            return
                ((delegate* unmanaged<uint, int>)init)(0) == 0
                && ((delegate* unmanaged<int*, int, int>)find)(&device, gpu) == 0
                && askDevice(&major, Major, device) == 0
                && askDevice(&minor, Minor, device) == 0
                ? new Version(major, minor)
                : null;
        }
        finally
        {
            NativeLibrary.Free(library); // libtorch holds it too
        }
    }

    /// <summary>
    /// The precision in which such a card multiplies fastest: bfloat16 from 8.0 (Ampere) on, float16 on 7.x (Volta and Turing,
    /// which have no bfloat16), float32 before that, or where nothing is known.
    /// </summary>
    public static ComputePrecision Fastest(Version? capability) =>
        capability?.Major switch
        {
            >= 8 => ComputePrecision.BFloat16,
            7 => ComputePrecision.Float16,
            _ => ComputePrecision.Float32,
        };
}
