using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>SASRec: learned positions counted from the oldest item, and causal transformer blocks.</summary>
internal sealed class SequenceEncoder
{
    private readonly float _dropout;
    private readonly Parameter _positions;
    private readonly Normalization _inputNorm;
    private readonly SequenceBlock[] _blocks;

    public SequenceEncoder(ParameterBuffer parameters, SsnaModelShape shape, Regularization regularization)
    {
        _dropout = regularization.Dropout;
        _positions = parameters.Declare(
            "sequence.positions",
            Initialization.Normal,
            shape.MaximumSequenceLength,
            shape.Dimension
        );
        _inputNorm = new Normalization(parameters, "sequence.norm", shape.Dimension);
        _blocks = new SequenceBlock[shape.SequenceBlocks];
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i] = new SequenceBlock(parameters, $"sequence.blocks.{i}", shape, _dropout);
        }
    }

    /// <summary>What the user is like after each item.</summary>
    /// <param name="items">The item embedding of every slot: (R * W, d).</param>
    /// <param name="packing">Which slots make up which sequence.</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(R * W, d); rows of unused slots mean nothing.</returns>
    public Tensor Forward(Tensor items, SequencePacking packing, ForwardPass pass)
    {
        Tensor x = Embed(items, packing, pass); // (R * W, d)
        Tensor mask = CausalMask(packing, items.device); // (R, 1, W, W)
        foreach (SequenceBlock block in _blocks)
        {
            x = block.Forward(x, mask, pass); // (R * W, d)
        }
        return x;
    }

    /// <summary>What the user is like after the last item alone, for a fraction of the work.</summary>
    /// <inheritdoc cref="Forward"/>
    /// <returns>One row a sequence: (B, d).</returns>
    public Tensor ForwardLast(Tensor items, SequencePacking packing, ForwardPass pass)
    {
        Tensor x = Embed(items, packing, pass); // (R * W, d)
        if (_blocks.Length > 1)
        {
            Tensor mask = CausalMask(packing, items.device); // (R, 1, W, W)
            foreach (SequenceBlock block in _blocks.AsSpan(0, _blocks.Length - 1))
            {
                x = block.Forward(x, mask, pass); // (R * W, d)
            }
        }
        return _blocks[^1].ForwardLast(x, new LastItems(packing), pass); // (B, d)
    }

    private Tensor Embed(Tensor items, SequencePacking packing, ForwardPass pass)
    {
        Tensor positions = tensor(packing.Positions, device: items.device); // (R * W)
        Tensor x = items.Plus(_positions.Value.index_select(0, positions)); // (R * W, d)
        return pass.Dropout(_inputNorm.Forward(x), _dropout); // (R * W, d)
    }

    /// <summary>0 where a slot sees another (itself and what came before in its sequence), -inf elsewhere: (R, 1, W, W).</summary>
    private static Tensor CausalMask(SequencePacking packing, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor segments = tensor(packing.Segments, device: device).view(packing.Rows, packing.Width); // (R, W)
        Tensor later = ones(packing.Width, packing.Width, dtype: ScalarType.Bool, device: device).triu(1); // (W, W)
        Tensor hidden = segments.unsqueeze(2).ne(segments.unsqueeze(1)).logical_or_(later); // (R, W, W)
        return zeros(hidden.shape, ScalarType.Float32, device: device)
            .MaskInPlace(hidden, float.NegativeInfinity)
            .unsqueeze(1)
            .MoveToOuterDisposeScope(); // (R, 1, W, W)
    }
}
