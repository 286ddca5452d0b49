using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Scoring;

/// <summary>The rows of a matrix in the CPU's memory, for several threads; good as long as the tensor lives.</summary>
internal readonly unsafe struct FloatRows
{
    private readonly float* _first;
    private readonly int _width;

    /// <param name="matrix">float32, on the CPU, its rows side by side: (N, w).</param>
    public FloatRows(Tensor matrix)
    {
        // Native memory, which the garbage collector does not move.
        _first = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(matrix.bytes));
        _width = (int)matrix.shape[1];
    }

    public ReadOnlySpan<float> this[int row] => new(_first + ((long)row * _width), _width);
}
