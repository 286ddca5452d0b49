using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>A recommender: an encoder that turns what is known of items into embeddings, and a sequence model over them.</summary>
internal sealed class SsnaModel : IDisposable
{
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
    /// <param name="inputs">What was read of the items, one row an item, in the host's memory: (I, ...).</param>
    /// <param name="seed">Decides the weights.</param>
    public void Initialize(Tensor inputs, int seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        Parameters.Initialize(generator);
        using Tensor placed = Place(inputs); // (I, ...)
        Items.Fit(placed);
    }

    public void Dispose()
    {
        Parameters.Dispose();
        Items.Dispose();
    }
}
