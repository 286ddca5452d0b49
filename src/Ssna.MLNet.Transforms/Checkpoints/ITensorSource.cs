using static TorchSharp.torch;

namespace Ssna.MLNet.Checkpoints;

/// <summary>Named tensors to read: one safetensors file, or the shards of a folder.</summary>
internal interface ITensorSource : IDisposable
{
    /// <summary>What messages call this source.</summary>
    string Source { get; }

    /// <summary>The tensors' names, in the order of the files.</summary>
    IReadOnlyCollection<string> Names { get; }

    bool Contains(string name);

    /// <summary>The sizes of a tensor's dimensions.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    IReadOnlyList<long> ShapeOf(string name);

    /// <summary>The element type that a tensor is stored in.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    ScalarType TypeOf(string name);

    /// <summary>A copy of a tensor, on the CPU, in the type that it is stored in.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    Tensor ReadRaw(string name);
}

/// <summary>What every <see cref="ITensorSource"/> does in the same way.</summary>
internal static class TensorSourceExtensions
{
    /// <summary>A copy of a tensor, on the CPU, in float32.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    public static Tensor Read(this ITensorSource source, string name)
    {
        Tensor raw = source.ReadRaw(name);
        if (raw.dtype == ScalarType.Float32)
        {
            return raw;
        }
        using (raw)
        {
            return raw.to(ScalarType.Float32);
        }
    }
}
