using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Items;

/// <summary>
/// Collects rows of numbers, whose count is not known beforehand, into one tensor. In native memory, which goes back to the
/// system at once: a large table's rows would otherwise stand on the managed heap until a collection, beside the tensor.
/// </summary>
internal sealed class RowStore : IDisposable
{
    // 64 MB: C runtimes take blocks of this size from the system one by one, and what is not written to costs nothing.
    private const int ChunkValues = 1 << 24;

    private readonly List<Tensor> _chunks = [];
    private int _size; // of a chunk
    private int _used;

    /// <summary>Adds a copy of a row; all rows have one length.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        if (_chunks.Count == 0 || _size - _used < row.Length)
        {
            // A whole number of rows, so that chunks lie end to end.
            _size = Math.Max(1, ChunkValues / row.Length) * row.Length;
            _chunks.Add(empty(_size, ScalarType.Float32).DetachFromDisposeScope()); // (N)
            _used = 0;
        }
        row.CopyTo(Values(_chunks[^1])[_used..]);
        _used += row.Length;
    }

    /// <summary>The rows, as a float32 tensor on the CPU that belongs to the caller; the store is empty afterwards.</summary>
    public Tensor ToTensor(params ReadOnlySpan<long> shape)
    {
        Tensor result = empty(shape, ScalarType.Float32).DetachFromDisposeScope();
        long start = 0;
        using Tensor flat = result.view(-1); // (N)
        for (int i = 0; i < _chunks.Count; i++)
        {
            int count = i == _chunks.Count - 1 ? _used : _size;
            using Tensor target = flat.narrow(0, start, count);
            Values(_chunks[i])[..count].CopyTo(Values(target));
            start += count;
            // Frees the copy as it goes, so that a large table is not held twice.
            _chunks[i].Dispose();
        }
        _chunks.Clear();
        return result;
    }

    public void Dispose()
    {
        foreach (Tensor chunk in _chunks)
        {
            chunk.Dispose();
        }
        _chunks.Clear();
    }

    private static Span<float> Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
