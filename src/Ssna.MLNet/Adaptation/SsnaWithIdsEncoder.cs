using System.Text.Json.Serialization;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <param name="Text">What makes an embedding of an item's features.</param>
/// <param name="ItemCount">Items of the catalogue that was trained on: I.</param>
[SavedAs("SsnaWithIds")]
internal sealed record SsnaWithIdsEncoderShape(SsnaEncoderShape Text, [property: MayDiffer] int ItemCount)
    : ItemEncoderShape
{
    [JsonIgnore]
    public override int Depth => Text.Depth;

    public override void Check()
    {
        Text.Check();
        OptionsChecks.AtLeast(1, ItemCount, nameof(ItemCount));
    }

    // The catalogue may have lost items since, and got others.
    public override bool Takes(ItemInputs inputs, int itemCount) => Text.Takes(inputs, itemCount);

    public override ItemEncoder Restore(ParameterBuffer parameters, int dimension, Device device) =>
        new SsnaWithIdsEncoder(parameters, this, dimension, AdapterNoise.None, device);
}

/// <summary>SSNA's embedding of an item's features, and a learned one of the item itself.</summary>
internal sealed class SsnaWithIdsEncoder(
    ParameterBuffer parameters,
    SsnaWithIdsEncoderShape shape,
    int dimension,
    AdapterNoise noise,
    Device device
) : ItemEncoder
{
    private readonly SsnaEncoder _text = new(parameters, shape.Text, dimension, noise, device);
    private readonly Parameter _table = parameters.Declare(
        "items.table",
        Initialization.Normal,
        shape.ItemCount,
        dimension
    );

    public override SsnaWithIdsEncoderShape Shape => shape;

    public override IReadOnlyList<(string Name, Tensor Value)> Buffers => _text.Buffers;

    public override LearnedTable Table => new(_table, Alone: false);

    public override void Fit(HeldItems items) => _text.Fit(items);

    public override Tensor Prepare(Tensor inputs, bool compact = false) => _text.Prepare(inputs, compact);

    public override Tensor Embed(Tensor inputs, ForwardPass pass) => _text.Embed(inputs, pass); // (V, d)

    public override Tensor EmbedTrained(Tensor inputs, Tensor? rows, ForwardPass pass) =>
        Embed(inputs, pass).Plus(rows is null ? _table.Value : _table.Value.index_select(0, rows)); // (V, d)

    public override void Dispose()
    {
        _text.Dispose();
        base.Dispose();
    }
}
