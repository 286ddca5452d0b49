using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Data;

/// <summary>Collects rows of numbers, whose count is not known beforehand, into one tensor.</summary>
internal sealed class RowStore
{
    private const int ChunkValues = 1 << 20;

    private readonly List<float[]> _chunks = [];
    private int _used = int.MaxValue;

    /// <summary>Adds a copy of a row; all rows have one length.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        if (_chunks.Count == 0 || _chunks[^1].Length - _used < row.Length)
        {
            // A whole number of rows, so that chunks lie end to end.
            _chunks.Add(new float[Math.Max(1, ChunkValues / row.Length) * row.Length]);
            _used = 0;
        }
        row.CopyTo(_chunks[^1].AsSpan(_used));
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
            int count = i == _chunks.Count - 1 ? _used : _chunks[i].Length;
            using Tensor target = flat.narrow(0, start, count);
            _chunks[i].AsSpan(0, count).CopyTo(MemoryMarshal.Cast<byte, float>(target.bytes));
            start += count;
            // Frees the copy as it goes, so that a large table is not held twice.
            _chunks[i] = [];
        }
        _chunks.Clear();
        return result;
    }
}
