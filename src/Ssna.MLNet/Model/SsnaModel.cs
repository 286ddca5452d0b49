using Microsoft.ML.Trainers.Recommender;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// SSNA: adapters beside the top layers of a frozen encoder, their integration into item embeddings, and a sequence model
/// over those embeddings.
/// </summary>
internal sealed class SsnaModel : IDisposable
{
    // Items at a time on a CPU: what the heads put out then stays in the cache, and below the size from which the C runtime
    // takes fresh pages from the system for every tensor. A tenth faster than all items at once.
    private const long CpuBlock = 2048;

    private readonly AdapterBank[] _adapters;
    private readonly LayerIntegrator _integrator;
    private readonly SequenceEncoder _sequence;

    /// <summary>A model whose weights are zeros, on <paramref name="device"/>.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="scaler">What its features go through first; taken over.</param>
    /// <param name="regularization">What is dropped while it is trained; means nothing afterwards.</param>
    /// <param name="device">Where its weights live.</param>
    public SsnaModel(SsnaModelShape shape, FeatureScaler scaler, Regularization regularization, Device device)
    {
        Shape = shape;
        Scaler = scaler;
        _adapters = new AdapterBank[shape.LayerCount];
        for (int m = 0; m < _adapters.Length; m++)
        {
            _adapters[m] = new AdapterBank(Parameters, $"adapters.{m}", shape, regularization);
        }
        _integrator = LayerIntegrator.Create(Parameters, shape);
        _sequence = new SequenceEncoder(Parameters, shape, regularization);
        Parameters.Allocate(device);
    }

    public SsnaModelShape Shape { get; }

    /// <summary>What features go through before <see cref="EmbedItems"/>.</summary>
    public FeatureScaler Scaler { get; }

    public ParameterBuffer Parameters { get; } = new();

    public Device Device => Parameters.Values.device;

    /// <summary>The adapters, top layer first.</summary>
    public IReadOnlyList<AdapterBank> Adapters => _adapters;

    public LayerIntegrator Integrator => _integrator;

    /// <summary>A model to train, with weights drawn from <paramref name="seed"/>.</summary>
    /// <param name="options">The model's settings.</param>
    /// <param name="featureWidth">The width of a feature layer: D.</param>
    /// <param name="scaler">What features go through first; taken over.</param>
    /// <param name="device">Where its weights live.</param>
    /// <param name="seed">Decides the weights.</param>
    public static SsnaModel Create(
        SsnaTrainer.Options options,
        int featureWidth,
        FeatureScaler scaler,
        Device device,
        int seed
    )
    {
        var shape = new SsnaModelShape(
            options.LayerCount,
            featureWidth,
            options.Dimension,
            options.AdapterHeads,
            options.Integration,
            options.SequenceBlocks,
            options.AttentionHeads,
            options.InnerSize,
            options.MaximumSequenceLength
        );
        var model = new SsnaModel(shape, scaler, Regularization.Of(options), device);
        using var generator = new Generator((ulong)seed, CPU);
        model.Parameters.Initialize(generator);
        return model;
    }

    /// <summary>Item embeddings v*, not normalised.</summary>
    /// <param name="features">Scaled features, top layer first: (V, a, D).</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(V, d).</returns>
    public Tensor EmbedItems(Tensor features, ForwardPass pass)
    {
        long count = features.shape[0];
        long block = Device.type == DeviceType.CPU ? CpuBlock : count;
        if (count <= block)
        {
            return EmbedBlock(features, pass); // (V, d)
        }
        var blocks = new List<Tensor>();
        for (long from = 0; from < count; from += block)
        {
            blocks.Add(EmbedBlock(features.narrow(0, from, Math.Min(block, count - from)), pass)); // (v, d)
        }
        return cat(blocks); // (V, d)
    }

    private Tensor EmbedBlock(Tensor features, ForwardPass pass)
    {
        var layers = new Tensor[_adapters.Length];
        for (int m = 0; m < layers.Length; m++)
        {
            layers[m] = _adapters[m].Forward(features.select(1, m), pass); // (v, d)
        }
        return _integrator.Forward(layers, pass); // (v, d)
    }

    /// <summary>User embeddings u after every item of packed sequences, not normalised.</summary>
    /// <param name="items">The item embedding of every slot: (R * W, d).</param>
    /// <param name="packing">Which slots make up which sequence.</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(R * W, d); rows of unused slots mean nothing.</returns>
    public Tensor EncodeSequences(Tensor items, SequencePacking packing, ForwardPass pass) =>
        _sequence.Forward(items, packing, pass);

    public void Dispose()
    {
        Parameters.Dispose();
        Scaler.Dispose();
    }
}
