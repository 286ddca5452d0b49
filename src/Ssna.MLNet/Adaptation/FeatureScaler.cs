using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>
/// A linear map of each feature layer, fitted on the catalogue: h' = (h - mean) M, with M diagonal or full, or nothing.
/// Encoders' CLS vectors are nearly parallel; without their common part and their few large directions, adapters learn
/// faster and find more.
/// </summary>
internal sealed class FeatureScaler : IDisposable
{
    private const double Epsilon = 1e-5; // keeps directions without variance from growing without bound
    private const int BlockRows = 8192;
    private const string MeanTensor = "scaler.mean";
    private const string MatrixTensor = "scaler.matrix";

    private readonly FeatureScaling _kind;
    private readonly Tensor? _mean; // (a, D)
    private readonly Tensor? _matrix; // (a, D) for standardising, (a, D, D) for whitening

    /// <summary>A scaler of zeros, to be fitted or read from a file.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="layers">Layers of the features: a.</param>
    /// <param name="width">Width of a layer: D.</param>
    /// <param name="device">Where its tensors live.</param>
    public FeatureScaler(FeatureScaling kind, int layers, int width, Device device)
    {
        _kind = kind;
        if (kind != FeatureScaling.None)
        {
            (string Name, long[] Shape)[] shapes = Shapes(kind, layers, width);
            _mean = zeros(shapes[0].Shape, ScalarType.Float32, device: device).DetachFromDisposeScope(); // (a, D)
            _matrix = zeros(shapes[1].Shape, ScalarType.Float32, device: device).DetachFromDisposeScope(); // (a, D) or (a, D, D)
        }
    }

    /// <summary>The fitted tensors by name, for saving; none where nothing is done.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Tensors =>
        _mean is null || _matrix is null ? [] : [(MeanTensor, _mean), (MatrixTensor, _matrix)];

    /// <summary>The names and shapes of the <see cref="Tensors"/> of a scaler.</summary>
    /// <inheritdoc cref="FeatureScaler(FeatureScaling, int, int, Device)"/>
    public static (string Name, long[] Shape)[] Shapes(FeatureScaling kind, int layers, int width) =>
        kind switch
        {
            FeatureScaling.None => [],
            FeatureScaling.Whiten => [(MeanTensor, [layers, width]), (MatrixTensor, [layers, width, width])],
            _ => [(MeanTensor, [layers, width]), (MatrixTensor, [layers, width])],
        };

    /// <summary>Fits on the catalogue's features, of which each rank has its items': (v, a, D).</summary>
    public void Fit(HeldItems features)
    {
        if (_mean is null || _matrix is null)
        {
            return;
        }
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        (Tensor mean, Tensor covariance) = Moments(features); // (a, D), (a, D, D)
        _mean.copy_(mean);
        if (_kind == FeatureScaling.Standardize)
        {
            _matrix.copy_(covariance.diagonal(0, 1, 2).PlusNumber(Epsilon).rsqrt()); // (a, D)
        }
        else
        {
            // On the host: a GPU takes longer for so few matrices, and its solver needs a library that may be missing.
            (Tensor values, Tensor vectors) = linalg.eigh(DeviceMemory.Read(covariance)); // (a, D), (a, D, D)
            Tensor stretch = values.AtLeast(0).PlusNumber(Epsilon).rsqrt(); // (a, D)
            Tensor matrix = (vectors * stretch.unsqueeze(1)).matmul(vectors.transpose(1, 2)); // (a, D, D)
            _matrix.copy_(matrix.to(ScalarType.Float32));
        }
    }

    /// <summary>Scales features.</summary>
    /// <param name="features">(V, a, D).</param>
    /// <param name="type">The type of the result.</param>
    /// <returns>(V, a, D), each layer's rows side by side in memory; the caller's to dispose.</returns>
    public Tensor Apply(Tensor features, ScalarType type = ScalarType.Float32)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        (long count, long layers, long width) = (features.shape[0], features.shape[1], features.shape[2]);
        Tensor scaled = empty(layers, count, width, dtype: type, device: features.device); // (a, V, D)
        for (long m = 0; m < layers; m++)
        {
            Tensor into = scaled[m]; // (V, D)
            if (_mean is null || _matrix is null)
            {
                into.copy_(features.select(1, m));
                continue;
            }
            Tensor matrix = _matrix[m]; // (D) or (D, D)
            // By blocks: a large catalogue's copies on the way would not fit.
            for (long from = 0; from < count; from += BlockRows)
            {
                using var block = NewDisposeScope();
                long rows = Math.Min(BlockRows, count - from);
                Tensor centred = features.select(1, m).narrow(0, from, rows).to(ScalarType.Float32) - _mean[m]; // (v, D)
                into.narrow(0, from, rows)
                    .copy_(_kind == FeatureScaling.Whiten ? centred.mm(matrix) : centred * matrix);
            }
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
    private static (Tensor Mean, Tensor Covariance) Moments(HeldItems items)
    {
        Tensor features = items.Rows; // (v, a, D)
        (long count, long layers, long width) = (features.shape[0], features.shape[1], features.shape[2]);
        Tensor mean = zeros(layers, width, dtype: ScalarType.Float64, device: features.device); // (a, D)
        Tensor covariance = zeros(layers, width, width, dtype: ScalarType.Float64, device: features.device); // (a, D, D)
        for (long from = 0; from < count; from += BlockRows)
        {
            using var scope = NewDisposeScope();
            Tensor block = features.narrow(0, from, Math.Min(BlockRows, count - from)).to(ScalarType.Float64); // (v, a, D)
            mean.AddInPlace(block.sum(dim: 0));
        }
        items.Ranks.Sum(mean);
        mean.DivideInPlace((double)items.Count);
        for (long from = 0; from < count; from += BlockRows)
        {
            using var scope = NewDisposeScope();
            Tensor block = features.narrow(0, from, Math.Min(BlockRows, count - from)).to(ScalarType.Float64); // (v, a, D)
            Tensor centred = (block - mean).permute(1, 0, 2); // (a, v, D)
            covariance.AddInPlace(centred.transpose(1, 2).matmul(centred));
        }
        items.Ranks.Sum(covariance);
        covariance.DivideInPlace((double)items.Count);
        return (mean, covariance);
    }
}
