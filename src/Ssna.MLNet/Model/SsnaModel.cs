using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>A recommender: an encoder that turns what is known of items into embeddings, and a sequence model over them.</summary>
internal sealed class SsnaModel : IDisposable
{
    private readonly int _itemParameters; // how many of the parameters are the item encoder's: the first ones

    /// <summary>A model whose weights are zeros.</summary>
    /// <param name="dimension">Width of item and user embeddings: d.</param>
    /// <param name="items">Makes what embeds the items, its weights declared.</param>
    /// <param name="sequence">Makes the sequence model, likewise.</param>
    /// <param name="device">Where the weights live.</param>
    /// <param name="stored">
    /// The tensors that it will be given, or null: with them, what does not fit them is refused before anything is made.
    /// </param>
    /// <exception cref="InvalidDataException">A tensor is missing, or of another shape; the message names it.</exception>
    public SsnaModel(
        int dimension,
        Func<ParameterBuffer, ItemEncoder> items,
        Func<ParameterBuffer, SequenceEncoder> sequence,
        Device device,
        ITensorSource? stored = null
    )
    {
        Parameters = new ParameterBuffer(stored);
        Items = items(Parameters);
        _itemParameters = Parameters.All.Count;
        try
        {
            Sequence = sequence(Parameters);
            Shape = new SsnaModelShape(dimension, Items.Shape, Sequence.Shape);
            Parameters.Allocate(device);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SsnaModelShape Shape { get; }

    /// <summary>What embeds the items.</summary>
    public ItemEncoder Items { get; }

    /// <summary>What encodes sequences of them.</summary>
    public SequenceEncoder Sequence { get; }

    public ParameterBuffer Parameters { get; }

    public Device Device => Parameters.Values.device;

    /// <summary>What was read of items, one row an item, where the item encoder reads it: (V, ...).</summary>
    public Tensor Place(Tensor inputs) => Items.ReadsOnHost ? inputs.alias() : DeviceMemory.Upload(Device, inputs);

    /// <summary>Every tensor by name: what <see cref="SsnaModelShape.Restore"/> reads.</summary>
    public IEnumerable<(string Name, Tensor Value)> Tensors =>
        Parameters.All.Select(parameter => (parameter.Name, parameter.Value)).Concat(Items.Buffers);

    /// <summary>Draws the weights, and fits the item encoder to the items.</summary>
    /// <param name="items">What was read of the items, in the host's memory; all ranks fit together.</param>
    /// <param name="seed">Decides the weights.</param>
    public void Initialize(HeldItems items, int seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        Parameters.Initialize(generator);
        using Tensor placed = Place(items.Rows); // (v, ...)
        Items.Fit(items.With(placed));
    }

    /// <summary>Takes over the weights, and what the item encoder was fitted to, of a model of the same architecture.</summary>
    /// <param name="start">The model; stays as it is.</param>
    /// <param name="rows">
    /// For each item of this model's catalogue its row in the other's <see cref="LearnedTable"/>, -1 for one that it does not
    /// have: its row starts as a new model's does where it has no inputs, and from zeros where its inputs tell what it is.
    /// </param>
    /// <param name="seed">Decides the rows of new items.</param>
    public void StartFrom(SsnaModel start, int[] rows, int seed)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        if (Items.Table is { } table)
        {
            StartTable(table, start.Items.Table!, rows, seed);
        }
        var there = start.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Value);
        foreach ((string name, Tensor value) in Tensors.Where(tensor => tensor.Name != Items.Table?.Rows.Name))
        {
            value.copy_(there[name]);
        }
    }

    /// <summary>Makes backward passes add into the gradients of what is trained.</summary>
    public void RequireGradients(FrozenPart frozen = FrozenPart.None) =>
        Parameters.RequireGradients(
            frozen switch
            {
                FrozenPart.ItemEncoder => _itemParameters..,
                FrozenPart.SequenceModel => .._itemParameters,
                _ => ..,
            }
        );

    private void StartTable(LearnedTable table, LearnedTable start, int[] rows, int seed)
    {
        Tensor values = table.Rows.Value; // (I, d)
        if (table.Alone)
        {
            using var generator = new Generator((ulong)seed, CPU);
            table.Rows.Initialization.Fill(values, generator);
        }
        else
        {
            values.zero_();
        }
        int[] known = [.. Enumerable.Range(0, rows.Length).Where(item => rows[item] >= 0)];
        Tensor here = DeviceMemory.Upload(Device, Array.ConvertAll(known, item => (long)item))[0]; // (K)
        Tensor there = DeviceMemory.Upload(start.Rows.Value.device, Array.ConvertAll(known, item => (long)rows[item]))[
            0
        ]; // (K)
        values.index_copy_(0, here, DeviceMemory.Upload(Device, start.Rows.Value.index_select(0, there))); // (I, d)
    }

    public void Dispose()
    {
        Parameters.Dispose();
        Items.Dispose();
    }
}
