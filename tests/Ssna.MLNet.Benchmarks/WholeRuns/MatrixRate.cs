using Microsoft.ML.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>How many operations a second a plain large matrix product reaches: what every other rate is compared with.</summary>
internal static class MatrixRate
{
    private const long Size = 2048;
    private const int Repetitions = 15;

    /// <summary>The median rate of square products, in operations (multiplications and additions) a second.</summary>
    public static double Measure(ComputePrecision precision)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        ScalarType type = precision == ComputePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor a = randn(Size, Size).to(type); // (N, N)
        Tensor b = randn(Size, Size).to(type); // (N, N)
        double seconds = Median.Seconds(Repetitions, warmUps: 2, () => a.mm(b).Dispose()); // (N, N)
        return 2.0 * Size * Size * Size / seconds;
    }
}
