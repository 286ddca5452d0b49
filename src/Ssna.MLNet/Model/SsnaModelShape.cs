using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>Everything that decides which weights a model has: what must be known before a file of weights can be read.</summary>
/// <param name="Dimension">Width of item and user embeddings: the paper's d.</param>
/// <param name="Items">What embeds the items.</param>
/// <param name="Sequence">The sequence model over them.</param>
internal sealed record SsnaModelShape(int Dimension, ItemEncoderShape Items, SequenceEncoderShape Sequence)
{
    /// <summary>Refuses what a file claims and no model has, or no model of a catalogue.</summary>
    /// <param name="inputs">What is read of tables of items.</param>
    /// <param name="itemCount">Items of the catalogue.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range; the message names it.</exception>
    public void Check(ItemInputs inputs, int itemCount)
    {
        OptionsChecks.AtLeast(1, Dimension, nameof(Dimension));
        Sequence.Check(Dimension);
        Items.Check();
        OptionsChecks.Require(
            Items.Takes(inputs, itemCount),
            inputs,
            "Inputs",
            $"what fits a catalogue of {itemCount} items and {Items}"
        );
    }

    /// <summary>A trained model of this shape.</summary>
    /// <param name="source">Its tensors.</param>
    /// <param name="device">Where its weights go.</param>
    /// <exception cref="InvalidDataException">
    /// A tensor is missing, of another shape, or holds what is no finite number; the message names it.
    /// </exception>
    public SsnaModel Restore(ITensorSource source, Device device)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        // Each of them has tensors of its own: the names alone of a million could fill the memory.
        int layers = Math.Max(Sequence.Depth, Items.Depth);
        if (layers > source.Names.Count)
        {
            throw new InvalidDataException(
                $"'{source.Source}': expected the tensors of {layers} layers, found {source.Names.Count} tensors."
            );
        }
        var model = new SsnaModel(
            Dimension,
            parameters => Items.Restore(parameters, Dimension, device),
            parameters => Sequence.Restore(parameters, Dimension),
            device,
            source
        );
        try
        {
            foreach ((string name, Tensor value) in model.Tensors)
            {
                value.copy_(ModelTensors.Read(source, name, value.shape));
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
