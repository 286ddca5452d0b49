using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>Joins the adapters' outputs, top layer first, into item embeddings (the paper's equation 5).</summary>
internal abstract class LayerIntegrator
{
    /// <summary>The integrator of a model.</summary>
    public static LayerIntegrator Create(
        ParameterBuffer parameters,
        LayerIntegration integration,
        int layerCount,
        int dimension
    ) =>
        integration switch
        {
            LayerIntegration.Gru => new GruIntegrator(parameters, dimension),
            LayerIntegration.Mean => new MeanIntegrator(),
            LayerIntegration.Weighted => new WeightedIntegrator(parameters, layerCount),
            LayerIntegration.None => new NoIntegrator(),
            _ => throw new ArgumentOutOfRangeException(nameof(integration), integration, "Unknown layer integration."),
        };

    /// <param name="layers">Each layer's adapter output, top layer first: (V, d).</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>Item embeddings: (V, d).</returns>
    public abstract Tensor Forward(IReadOnlyList<Tensor> layers, ForwardPass pass);
}

/// <summary>The only layer as it is.</summary>
internal sealed class NoIntegrator : LayerIntegrator
{
    public override Tensor Forward(IReadOnlyList<Tensor> layers, ForwardPass pass) => layers[0]; // (V, d)
}

/// <summary>The mean of the layers.</summary>
internal sealed class MeanIntegrator : LayerIntegrator
{
    public override Tensor Forward(IReadOnlyList<Tensor> layers, ForwardPass pass)
    {
        Tensor sum = layers[0];
        foreach (Tensor layer in layers.Skip(1))
        {
            sum = sum.Plus(layer); // (V, d)
        }
        return sum.Over((float)layers.Count); // (V, d)
    }
}

/// <summary>A mean weighted by a softmax over one learned number a layer, equal at the start.</summary>
internal sealed class WeightedIntegrator(ParameterBuffer parameters, int layerCount) : LayerIntegrator
{
    private readonly Parameter _weights = parameters.Declare("integration.weights", Initialization.Zero, layerCount);

    public override Tensor Forward(IReadOnlyList<Tensor> layers, ForwardPass pass)
    {
        Tensor shares = _weights.Value.softmax(0); // (a)
        Tensor sum = layers[0] * shares[0]; // (V, d)
        for (int m = 1; m < layers.Count; m++)
        {
            sum = sum.Plus(layers[m] * shares[m]); // (V, d)
        }
        return sum;
    }
}
