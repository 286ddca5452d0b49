using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model.Items;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>A recommender: an encoder that turns what is known of items into embeddings, and a sequence model over them.</summary>
internal sealed class SsnaModel : IDisposable
{
    private readonly SequenceEncoder _sequence;

    /// <summary>A model whose weights are zeros, on <paramref name="device"/>.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="regularization">What is dropped while it is trained; means nothing afterwards.</param>
    /// <param name="device">Where its weights live.</param>
    /// <param name="stored">
    /// The tensors that it will be given, or null: with them, a shape that does not fit them is refused before anything is made.
    /// </param>
    /// <exception cref="InvalidDataException">A tensor is missing, or of another shape; the message names it.</exception>
    public SsnaModel(SsnaModelShape shape, Regularization regularization, Device device, ITensorSource? stored = null)
    {
        Shape = shape;
        Parameters = new ParameterBuffer(stored);
        Items = shape.Items.Create(Parameters, shape.Dimension, regularization, device);
        _sequence = new SequenceEncoder(Parameters, shape, regularization);
        Parameters.Allocate(device);
    }

    public SsnaModelShape Shape { get; }

    /// <summary>What embeds the items.</summary>
    public ItemEncoder Items { get; }

    public ParameterBuffer Parameters { get; }

    public Device Device => Parameters.Values.device;

    /// <summary>A model to train, with weights drawn from <paramref name="seed"/>, and fitted to the items' inputs.</summary>
    /// <param name="options">The model's settings.</param>
    /// <param name="inputs">What was read of the items, one row an item, on the device where the weights are to live: (I, ...).</param>
    /// <param name="seed">Decides the weights.</param>
    /// <param name="steps">Steps of the optimiser that are to come: some kinds of adaptation plan by them.</param>
    public static SsnaModel Create(SsnaTrainer.Options options, Tensor inputs, int seed, long steps = 1)
    {
        var shape = SsnaModelShape.Of(options, options.Adaptation.ShapeOf(options, inputs, steps));
        var model = new SsnaModel(shape, Regularization.Of(options), inputs.device);
        try
        {
            using var generator = new Generator((ulong)seed, CPU);
            model.Parameters.Initialize(generator);
            model.Items.Fit(inputs);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Item embeddings v*, not normalised.</summary>
    /// <param name="inputs">Prepared by <see cref="Items"/>, one row an item: (V, ...).</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(V, d).</returns>
    public Tensor EmbedItems(Tensor inputs, ForwardPass pass) => Items.Embed(inputs, pass);

    /// <summary>User embeddings u after every item of packed sequences, not normalised.</summary>
    /// <param name="items">The item embedding of every slot: (R * W, d).</param>
    /// <param name="packing">Which slots make up which sequence.</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(R * W, d); rows of unused slots mean nothing.</returns>
    public Tensor EncodeSequences(Tensor items, SequencePacking packing, ForwardPass pass) =>
        _sequence.Forward(items, packing, pass);

    /// <summary>User embeddings u after the last item of packed sequences alone, not normalised.</summary>
    /// <inheritdoc cref="EncodeSequences"/>
    /// <returns>(B, d), in the order of the sequences.</returns>
    public Tensor EncodeUsers(Tensor items, SequencePacking packing, ForwardPass pass) =>
        _sequence.ForwardLast(items, packing, pass);

    public void Dispose()
    {
        Parameters.Dispose();
        Items.Dispose();
    }
}
