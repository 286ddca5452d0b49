using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>The rows of a matrix in the CPU's memory, for several threads; good as long as the tensor lives.</summary>
internal readonly unsafe struct FloatRows
{
    private readonly float* _first;
    private readonly long _stride;
    private readonly int _width;

    /// <param name="matrix">float32, on the CPU, each row by itself contiguous: (N, w).</param>
    public FloatRows(Tensor matrix)
    {
        if (matrix.shape[0] == 0)
        {
            return;
        }
        _first = (float*)AddressOf(matrix);
        _stride = matrix.stride(0);
        _width = (int)matrix.shape[1];
    }

    /// <summary>Where a matrix starts in native memory, which the garbage collector does not move.</summary>
    /// <param name="matrix">On the CPU, at least one row, each by itself contiguous.</param>
    public static void* AddressOf(Tensor matrix)
    {
        // Of the first row: all of a large matrix is longer than a span can be.
        using Tensor row = matrix.select(0, 0); // (w)
        return Unsafe.AsPointer(ref MemoryMarshal.GetReference(row.bytes));
    }

    /// <summary>A copy of the rows of any matrix: (N, w).</summary>
    public static float[][] Copy(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var all = new FloatRows(DeviceMemory.Read(matrix).contiguous());
        var rows = new float[matrix.shape[0]][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = all[i].ToArray();
        }
        return rows;
    }

    public ReadOnlySpan<float> this[int row] => new(_first + (row * _stride), _width);
}
