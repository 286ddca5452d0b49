using System.Text.Json.Serialization;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>The tensors that every encoder of stored features has.</summary>
/// <param name="LayerCount">Feature layers that are read, from the top: the paper's a.</param>
/// <param name="FeatureWidth">Width of a feature layer: the paper's D.</param>
/// <param name="FeatureScaling">What is done to the features first.</param>
internal abstract record FeatureEncoderShape(int LayerCount, int FeatureWidth, FeatureScaling FeatureScaling)
    : ItemEncoderShape
{
    [JsonIgnore]
    public override int Depth => LayerCount;

    public override void Check()
    {
        OptionsChecks.AtLeast(1, LayerCount, nameof(LayerCount));
        OptionsChecks.AtLeast(1, FeatureWidth, nameof(FeatureWidth));
        OptionsChecks.Defined(FeatureScaling, nameof(FeatureScaling));
    }

    public override bool Takes(ItemInputs inputs, int itemCount) =>
        inputs is FeatureInputs features
        && !string.IsNullOrEmpty(features.Column)
        && features.Layers == LayerCount
        && features.Width == FeatureWidth;
}

/// <summary>Embeds items from stored features of a frozen encoder: (V, a or more, D), top layer first.</summary>
internal abstract class FeatureEncoder(ParameterBuffer parameters, FeatureEncoderShape shape, Device device)
    : ItemEncoder
{
    // Items at a time on a CPU: what the heads put out then stays in the cache, and below the size from which the C runtime
    // takes fresh pages from the system for every tensor. A tenth faster than all items at once, and with smaller holes in the heap.
    private const long CpuBlock = 1024;

    private readonly FeatureScaler _scaler = CreateScaler(parameters, shape, device);

    public override FeatureEncoderShape Shape => shape;

    public override IReadOnlyList<(string Name, Tensor Value)> Buffers => _scaler.Tensors;

    public override void Fit(HeldItems items)
    {
        using Tensor read = items.Rows.narrow(1, 0, shape.LayerCount); // (v, a, D)
        _scaler.Fit(items.With(read));
    }

    public override Tensor Prepare(Tensor inputs, bool compact = false)
    {
        using Tensor read = inputs.narrow(1, 0, shape.LayerCount); // (V, a, D)
        return _scaler.Apply(read, compact ? ScalarType.BFloat16 : ScalarType.Float32);
    }

    public override Tensor Embed(Tensor inputs, ForwardPass pass)
    {
        long count = inputs.shape[0];
        Func<long, long, TrainingNoise>? noise = pass.Noise?.Blocks();
        long block = inputs.device_type == DeviceType.CPU ? CpuBlock : count;
        if (count <= block)
        {
            return EmbedRows(inputs, pass.With(noise?.Invoke(0, count))); // (V, d)
        }
        using var scope = NewDisposeScope();
        var blocks = new List<Tensor>();
        for (long from = 0; from < count; from += block)
        {
            long size = Math.Min(block, count - from);
            blocks.Add(EmbedRows(inputs.narrow(0, from, size), pass.With(noise?.Invoke(from, size)))); // (v, d)
        }
        return cat(blocks).MoveToOuterDisposeScope(); // (V, d)
    }

    private static FeatureScaler CreateScaler(ParameterBuffer parameters, FeatureEncoderShape shape, Device device)
    {
        foreach (
            (string name, long[] size) in FeatureScaler.Shapes(
                shape.FeatureScaling,
                shape.LayerCount,
                shape.FeatureWidth
            )
        )
        {
            parameters.Expect(name, size);
        }
        return new FeatureScaler(shape.FeatureScaling, shape.LayerCount, shape.FeatureWidth, device);
    }

    // What autograd does not need for the way back goes with the scope, before the next block.
    private Tensor EmbedRows(Tensor inputs, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return EmbedBlock(inputs.to(ScalarType.Float32), pass).MoveToOuterDisposeScope(); // (v, d)
    }

    /// <param name="features">Scaled, top layer first: (v, a, D).</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(v, d).</returns>
    protected abstract Tensor EmbedBlock(Tensor features, ForwardPass pass);

    public override void Dispose()
    {
        _scaler.Dispose();
        base.Dispose();
    }
}
