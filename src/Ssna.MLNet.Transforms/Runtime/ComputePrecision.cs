namespace Microsoft.ML.Transforms;

/// <summary>The number format of the large matrix products. Weights, sums and results stay float32.</summary>
public enum ComputePrecision
{
    /// <summary>
    /// <see cref="BFloat16"/> where the hardware multiplies it faster than float32 (a CPU with AMX-BF16 or AVX512-BF16, a GPU of
    /// compute capability 8 or later), <see cref="Float16"/> on GPUs of compute capability 7, <see cref="Float32"/> elsewhere.
    /// </summary>
    Auto,

    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16-bit floating point with the exponent range of float32.</summary>
    BFloat16,

    /// <summary>16-bit floating point with 10 bits of mantissa; training scales its loss. GPU only: a CPU that stands in for one takes float32.</summary>
    Float16,
}
