using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <param name="ItemCount">Items of the catalogue that was trained on: I.</param>
[SavedAs("ItemIds")]
internal sealed record ItemTableShape([property: MayDiffer] int ItemCount) : ItemEncoderShape
{
    /// <summary>The memory that a table takes in training.</summary>
    public static MemoryPart Memory(TrainingSize size) =>
        new(
            "embeddings of items, with their gradients and the optimiser's copies,",
            size.WeightBytes * size.Items * size.Dimension,
            ("Dimension", size.Dimension)
        );

    // The catalogue may have lost items since.
    public override bool Takes(ItemInputs inputs, int itemCount) => inputs is IdInputs && itemCount <= ItemCount;

    public override ItemEncoder Restore(ParameterBuffer parameters, int dimension, Device device) =>
        new ItemTableEncoder(parameters, this, dimension);
}

/// <summary>A learned embedding an item. Its inputs are the items' rows in the table: (V), int64.</summary>
internal sealed class ItemTableEncoder(ParameterBuffer parameters, ItemTableShape shape, int dimension) : ItemEncoder
{
    private readonly Parameter _table = parameters.Declare(
        "items.table",
        Initialization.Normal,
        shape.ItemCount,
        dimension
    );

    public override ItemTableShape Shape => shape;

    public override LearnedTable Table => new(_table, Alone: true);

    public override Tensor Embed(Tensor inputs, ForwardPass pass) => _table.Value.index_select(0, inputs); // (V, d)
}
