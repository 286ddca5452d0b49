using Microsoft.ML.Trainers.Recommender;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// A linear map of each feature layer, fitted on the catalogue: h' = (h - mean) M, with M diagonal or full, or nothing.
/// Encoders' CLS vectors are nearly parallel; without their common part and their few large directions, adapters learn
/// faster and find more.
/// </summary>
internal sealed class FeatureScaler : IDisposable
{
    private const double Epsilon = 1e-5; // keeps directions without variance from growing without bound
    private const int BlockRows = 8192;

    private readonly Tensor? _mean; // (a, D)
    private readonly Tensor? _matrix; // (a, D) for standardising, (a, D, D) for whitening

    private FeatureScaler(FeatureScaling kind, Tensor? mean, Tensor? matrix)
    {
        (Kind, _mean, _matrix) = (kind, mean, matrix);
    }

    public FeatureScaling Kind { get; }

    /// <summary>No scaling.</summary>
    public static FeatureScaler Identity => new(FeatureScaling.None, null, null);

    /// <summary>The fitted tensors by name, for saving; none where <see cref="Kind"/> is None.</summary>
    public IEnumerable<(string Name, Tensor Value)> Tensors =>
        _mean is null || _matrix is null ? [] : [("scaler.mean", _mean), ("scaler.matrix", _matrix)];

    /// <summary>Fits on the catalogue's features: (I, a, D), on the CPU or a GPU.</summary>
    public static FeatureScaler Fit(FeatureScaling kind, Tensor features)
    {
        if (kind == FeatureScaling.None)
        {
            return Identity;
        }
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        (Tensor mean, Tensor covariance) = Moments(features); // (a, D), (a, D, D)
        Tensor matrix;
        if (kind == FeatureScaling.Standardize)
        {
            matrix = (covariance.diagonal(0, 1, 2) + Epsilon).rsqrt(); // (a, D)
        }
        else
        {
            (Tensor values, Tensor vectors) = linalg.eigh(covariance); // (a, D), (a, D, D)
            Tensor stretch = (values.clamp_min(0) + Epsilon).rsqrt(); // (a, D)
            matrix = (vectors * stretch.unsqueeze(1)).matmul(vectors.transpose(1, 2)); // (a, D, D)
        }
        return new FeatureScaler(
            kind,
            mean.to(ScalarType.Float32).DetachFromDisposeScope(),
            matrix.to(ScalarType.Float32).contiguous().DetachFromDisposeScope()
        );
    }

    /// <summary>A fitted scaler from its saved tensors; takes ownership of them.</summary>
    public static FeatureScaler Restore(FeatureScaling kind, Tensor? mean, Tensor? matrix) => new(kind, mean, matrix);

    /// <summary>Scales features.</summary>
    /// <param name="features">(V, a, D).</param>
    /// <returns>(V, a, D), each layer's rows side by side in memory; the caller's to dispose.</returns>
    public Tensor Apply(Tensor features)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        (long count, long layers, long width) = (features.shape[0], features.shape[1], features.shape[2]);
        Tensor scaled = empty(layers, count, width, device: features.device); // (a, V, D)
        for (long m = 0; m < layers; m++)
        {
            Tensor into = scaled[m]; // (V, D)
            if (_mean is null || _matrix is null)
            {
                into.copy_(features.select(1, m));
                continue;
            }
            Tensor matrix = _matrix[m].to(features.device); // (D) or (D, D)
            Tensor centred = features.select(1, m).to(ScalarType.Float32) - _mean[m].to(features.device); // (V, D)
            into.copy_(Kind == FeatureScaling.Whiten ? centred.mm(matrix) : centred * matrix);
        }
        return scaled.permute(1, 0, 2).MoveToOuterDisposeScope(); // (V, a, D)
    }

    public void Dispose()
    {
        _mean?.Dispose();
        _matrix?.Dispose();
    }

    // In float64 and block by block: sums over many items would lose digits in float32, and a float64 copy of a large
    // catalogue may not fit.
    private static (Tensor Mean, Tensor Covariance) Moments(Tensor features)
    {
        (long count, long layers, long width) = (features.shape[0], features.shape[1], features.shape[2]);
        Tensor mean = zeros(layers, width, dtype: ScalarType.Float64, device: features.device); // (a, D)
        Tensor covariance = zeros(layers, width, width, dtype: ScalarType.Float64, device: features.device); // (a, D, D)
        for (long from = 0; from < count; from += BlockRows)
        {
            using var scope = NewDisposeScope();
            Tensor block = features.narrow(0, from, Math.Min(BlockRows, count - from)).to(ScalarType.Float64); // (v, a, D)
            mean.add_(block.sum(dim: 0));
        }
        mean.div_((double)count);
        for (long from = 0; from < count; from += BlockRows)
        {
            using var scope = NewDisposeScope();
            Tensor block = features.narrow(0, from, Math.Min(BlockRows, count - from)).to(ScalarType.Float64); // (v, a, D)
            Tensor centred = (block - mean).permute(1, 0, 2); // (a, v, D)
            covariance.add_(centred.transpose(1, 2).matmul(centred));
        }
        covariance.div_((double)count);
        return (mean, covariance);
    }
}
