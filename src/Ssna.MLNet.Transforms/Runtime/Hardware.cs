using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using TorchSharp;

namespace Ssna.MLNet.Runtime;

/// <summary>Answers on which device, and in which precision, tensors are computed.</summary>
internal static class Hardware
{
    /// <summary>Stands in for the CPU's own answer: <c>bfloat16</c> or <c>plain</c>. For tests of what depends on it.</summary>
    public const string CpuVariable = "SSNA_TEST_CPU";

    /// <summary>Whether the CPU multiplies bfloat16 matrices in hardware tiles (CPUID leaf 7, EDX bit 22).</summary>
    public static bool HasTiles { get; } =
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0;

    /// <summary>
    /// Whether bfloat16 is the faster precision on the CPU, which multiplies it in tiles or in vectors of 512 bits; or the tests'
    /// variable says so.
    /// </summary>
    public static bool HasFastBFloat16 { get; } =
        Environment.GetEnvironmentVariable(CpuVariable) switch
        {
            "bfloat16" => true,
            "plain" => false,
            _ => HasTiles || HasVectorsOfBFloat16(),
        };

    /// <summary>The GPU asked for, or the CPU where none is.</summary>
    /// <param name="host">Where a fall back to the CPU is logged.</param>
    /// <param name="gpuDeviceId">The number of the CUDA device; null is the CPU.</param>
    /// <param name="fallbackToCpu">Whether a missing GPU means the CPU instead of an error.</param>
    /// <exception cref="InvalidOperationException">The GPU is not there and <paramref name="fallbackToCpu"/> is false.</exception>
    public static torch.Device ChooseDevice(IExceptionContext host, int? gpuDeviceId, bool fallbackToCpu)
    {
        TorchRuntime.EnsureLoaded();
        if (gpuDeviceId is not { } gpu)
        {
            return torch.CPU;
        }
        int found = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        if (gpu >= 0 && gpu < found)
        {
            return torch.device(DeviceType.CUDA, gpu);
        }
        if (fallbackToCpu)
        {
            (host as IChannel)?.Warning($"GPU {gpu} was asked for and {found} were found; the CPU is used instead.");
            return torch.CPU;
        }
        throw new InvalidOperationException(
            $"GPU {gpu} was asked for (GpuDeviceId) and {found} CUDA devices were found. Reference the package "
                + $"'{TorchPackages.Gpu}' in the application, or set FallbackToCpu to run on the CPU."
        );
    }

    /// <summary>
    /// The precision of what was meant for other hardware, as where it was trained: on a CPU float32 in place of float16, and of
    /// bfloat16 where the CPU is slower in that; its weights stay rounded as they were.
    /// </summary>
    /// <param name="host">Where the change is logged, or null.</param>
    /// <param name="precision">What was asked for there.</param>
    /// <param name="device">Where it is computed.</param>
    public static ComputePrecision WithStandIn(IExceptionContext? host, ComputePrecision precision, torch.Device device)
    {
        bool standsIn =
            device.type == DeviceType.CPU
            && (precision == ComputePrecision.Float16 || (precision == ComputePrecision.BFloat16 && !HasFastBFloat16));
        if (!standsIn)
        {
            return precision;
        }
        string needs =
            precision == ComputePrecision.Float16
                ? "a GPU"
                : "a GPU, or a CPU with AMX-BF16 or AVX512-BF16, to be fast";
        (host as IChannel)?.Warning($"Precision {precision} needs {needs}; this CPU computes in Float32 instead.");
        return ComputePrecision.Float32;
    }

    /// <summary>The precision that <paramref name="precision"/> means on <paramref name="device"/>; never Auto.</summary>
    /// <exception cref="InvalidOperationException">float16 was asked for on a CPU.</exception>
    public static ComputePrecision ChoosePrecision(ComputePrecision precision, torch.Device device)
    {
        bool gpu = device.type == DeviceType.CUDA;
        return precision switch
        {
            ComputePrecision.Auto when gpu => CudaCapability.Fastest(CudaCapability.Of(device.index)),
            ComputePrecision.Auto => HasFastBFloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32,
            ComputePrecision.Float16 when device.type == DeviceType.CPU => throw new InvalidOperationException(
                "Precision Float16 needs a GPU; expected Auto, Float32 or BFloat16 on a CPU."
            ),
            _ => precision,
        };
    }

    // CPUID leaf 7, subleaf 1, EAX bit 5; the runtime knows whether the system keeps the vectors' registers.
    private static bool HasVectorsOfBFloat16() =>
        Avx512BW.VL.IsSupported
        && Avx512DQ.VL.IsSupported
        && X86Base.CpuId(7, 0).Eax >= 1
        && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;
}
