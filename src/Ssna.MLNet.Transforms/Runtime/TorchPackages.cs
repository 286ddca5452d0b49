namespace Ssna.MLNet.Runtime;

/// <summary>The packages of libtorch for the system at hand, of which an application brings one.</summary>
internal static class TorchPackages
{
    /// <summary>libtorch for the CPU, version 2.10.0.</summary>
    public static string Cpu =>
        OperatingSystem.IsWindows() ? "libtorch-cpu-win-x64"
        : OperatingSystem.IsMacOS() ? "libtorch-cpu-osx-arm64"
        : "libtorch-cpu-linux-x64";

    /// <summary>For NVIDIA's GPUs, version 0.107.0. macOS has none: there it is the one for Linux.</summary>
    public static string Gpu => OperatingSystem.IsWindows() ? "TorchSharp-cuda-windows" : "TorchSharp-cuda-linux";
}
