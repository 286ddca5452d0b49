using TorchSharp;
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

    /// <summary>The element type that a tensor is stored in, by the name that the format gives it.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    string TypeOf(string name);

    /// <summary>A copy of a tensor, on the CPU, in the type that it is stored in.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    /// <exception cref="InvalidDataException">TorchSharp has no tensors of the type that it is stored in.</exception>
    Tensor ReadRaw(string name);
}

/// <summary>What every <see cref="ITensorSource"/> does in the same way.</summary>
internal static class TensorSourceExtensions
{
    /// <summary>As <see cref="ITensorSource.ReadRaw"/>, of numbers alone.</summary>
    /// <exception cref="InvalidDataException">There are infinities or values that are no number among them.</exception>
    public static Tensor ReadFinite(this ITensorSource source, string name)
    {
        Tensor raw = source.ReadRaw(name);
        using DisposeScope scope = NewDisposeScope();
        if (raw.is_floating_point() && !raw.isfinite().all().item<bool>())
        {
            long wrong = raw.isfinite().logical_not_().sum().item<long>();
            long count = raw.numel();
            raw.Dispose();
            throw new InvalidDataException(
                $"'{source.Source}': expected tensor '{name}' to hold finite numbers, found {wrong} of {count} that are not."
            );
        }
        return raw;
    }

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
