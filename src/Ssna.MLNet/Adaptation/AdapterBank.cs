using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>The noise that adapters add while they are trained.</summary>
/// <param name="FeatureDropout">Dropout of features before the projection heads.</param>
/// <param name="RoutingFloor">Added to the standard deviation of the routing noise.</param>
internal readonly record struct AdapterNoise(float FeatureDropout, float RoutingFloor)
{
    public static readonly AdapterNoise None;
}

/// <summary>
/// The adapter of one feature layer: projection heads e(k) = (h - b_k) W_k, mixed by a softmax of routing logits (the
/// paper's equations 1 to 4).
/// </summary>
internal sealed class AdapterBank
{
    private readonly int _heads;
    private readonly int _width;
    private readonly int _dimension;
    private readonly float _featureDropout;
    private readonly float _noiseFloor;
    private readonly Parameter _weight;
    private readonly Parameter _shift;
    private readonly Parameter _routing;

    public AdapterBank(ParameterBuffer parameters, string name, int heads, int width, int dimension, AdapterNoise noise)
    {
        (_heads, _width, _dimension) = (heads, width, dimension);
        (_featureDropout, _noiseFloor) = (noise.FeatureDropout, noise.RoutingFloor);
        _weight = parameters.Declare($"{name}.weight", Initialization.Normal, _width, (long)_heads * _dimension);
        _shift = parameters.Declare($"{name}.shift", Initialization.Zero, _heads, _width);
        // The paper's B and U side by side, so that one product reads the features once for both.
        _routing = parameters.Declare($"{name}.routing", Initialization.Zero, _width, 2L * _heads);
    }

    /// <summary>The heads' mixed output for every item.</summary>
    /// <param name="features">One layer's features, scaled: (V, D).</param>
    /// <param name="pass">How to compute; its noise, where there is one, drops features and moves the routing.</param>
    /// <returns>z: (V, d).</returns>
    public Tensor Forward(Tensor features, ForwardPass pass)
    {
        Tensor mixture = Route(features, pass.Noise is { } noise ? noise.Normal : null); // (V, n)
        return Mix(pass.Dropout(features, _featureDropout), mixture, pass);
    }

    /// <summary>The weight of each head for every item.</summary>
    /// <param name="features">(V, D).</param>
    /// <param name="normal">What draws N(0, 1) numbers of a tensor's shape; null for routing without noise.</param>
    /// <returns>softmax(alpha): (V, n).</returns>
    public Tensor Route(Tensor features, Func<Tensor, Tensor>? normal)
    {
        if (normal is null)
        {
            return features.mm(_routing.Value.narrow(1, 0, _heads)).softmax(1); // (V, n)
        }
        Tensor[] both = features.mm(_routing.Value).chunk(2, 1); // 2 of (V, n)
        Tensor mean = both[0]; // (V, n)
        Tensor deviation = both[1].Softplus(); // (V, n)
        if (_noiseFloor != 0)
        {
            deviation = deviation.PlusNumber(_noiseFloor); // (V, n)
        }
        return mean.Plus(normal(mean) * deviation).softmax(1); // (V, n)
    }

    /// <summary>The heads' outputs, weighted.</summary>
    /// <param name="features">(V, D).</param>
    /// <param name="mixture">Each head's weight: (V, n).</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>z: (V, d).</returns>
    public Tensor Mix(Tensor features, Tensor mixture, ForwardPass pass)
    {
        Tensor mixed = pass.Multiply(mixture.unsqueeze(1), Project(features, pass)).squeeze(1); // (V, d)
        return mixed.addmm(mixture, ProjectedShift(), beta: 1, alpha: -1); // (V, d)
    }

    /// <summary>Every head's projection, the shift left out: h W_k, (V, n, d).</summary>
    private Tensor Project(Tensor features, ForwardPass pass) =>
        pass.MultiplyToOperand(features, _weight.Value).view(-1, _heads, _dimension); // (V, n, d)

    /// <summary>What the shift takes from each head: b_k W_k, (n, d). (h - b_k) W_k = h W_k - b_k W_k.</summary>
    private Tensor ProjectedShift()
    {
        Tensor weight = _weight.Value.view(_width, _heads, _dimension).permute(1, 0, 2); // (n, D, d)
        return _shift.Value.unsqueeze(1).bmm(weight).squeeze(1); // (n, d)
    }
}
