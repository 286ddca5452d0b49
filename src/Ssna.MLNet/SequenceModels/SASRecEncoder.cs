using System.Text.Json.Serialization;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.SequenceModels;

/// <param name="MaximumSequenceLength">Most recent items of a sequence that are looked at.</param>
/// <param name="Blocks">Transformer blocks.</param>
/// <param name="AttentionHeads">Attention heads of a block.</param>
/// <param name="InnerSize">Width inside a block's feed-forward part.</param>
[SavedAs("SASRec")]
internal sealed record SASRecEncoderShape(int MaximumSequenceLength, int Blocks, int AttentionHeads, int InnerSize)
    : SequenceEncoderShape(MaximumSequenceLength)
{
    [JsonIgnore]
    public override int Depth => Blocks;

    public override void Check(int dimension) => Check(this, dimension, "");

    /// <summary>Checks sizes, of settings as of what a file claims.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="dimension">The width of embeddings.</param>
    /// <param name="prefix">What messages put before a size's name.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range; the message names it.</exception>
    public static void Check(SASRecEncoderShape shape, int dimension, string prefix)
    {
        OptionsChecks.AtLeast(1, shape.MaximumSequenceLength, prefix + nameof(MaximumSequenceLength));
        OptionsChecks.AtLeast(1, shape.Blocks, prefix + nameof(Blocks));
        OptionsChecks.AtLeast(1, shape.AttentionHeads, prefix + nameof(AttentionHeads));
        OptionsChecks.Require(
            dimension % shape.AttentionHeads == 0,
            shape.AttentionHeads,
            prefix + nameof(AttentionHeads),
            $"a divisor of Dimension, which is {dimension}"
        );
        OptionsChecks.AtLeast(1, shape.InnerSize, prefix + nameof(InnerSize));
    }

    public override SequenceEncoder Restore(ParameterBuffer parameters, int dimension) =>
        new SASRecEncoder(parameters, this, dimension, dropout: 0);
}

/// <summary>SASRec: learned positions counted from the oldest item, and causal transformer blocks.</summary>
internal sealed partial class SASRecEncoder : SequenceEncoder
{
    private readonly float _dropout;
    private readonly Parameter _positions;
    private readonly Normalization _inputNorm;
    private readonly SequenceBlock[] _blocks;

    /// <param name="parameters">Where its weights are declared.</param>
    /// <param name="shape">What decides its tensors.</param>
    /// <param name="dimension">The width of embeddings: d.</param>
    /// <param name="dropout">What is dropped while it is trained.</param>
    public SASRecEncoder(ParameterBuffer parameters, SASRecEncoderShape shape, int dimension, float dropout)
    {
        (Shape, _dropout) = (shape, dropout);
        _positions = parameters.Declare(
            "sequence.positions",
            Initialization.Normal,
            shape.MaximumSequenceLength,
            dimension
        );
        _inputNorm = new Normalization(parameters, "sequence.norm", dimension);
        _blocks = new SequenceBlock[shape.Blocks];
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i] = new SequenceBlock(parameters, $"sequence.blocks.{i}", shape, dimension, _dropout);
        }
    }

    public override SASRecEncoderShape Shape { get; }

    public override Tensor Forward(Tensor items, PackedSequences packing, ForwardPass pass)
    {
        Tensor x = Embed(items, packing, pass); // (R * W, d)
        Tensor mask = CausalMask(packing); // (R, 1, W, W)
        foreach (SequenceBlock block in _blocks)
        {
            x = block.Forward(x, mask, pass); // (R * W, d)
        }
        return x;
    }

    public override Tensor ForwardLast(Tensor items, LastItems last, ForwardPass pass)
    {
        Tensor x = Embed(items, last.Packing, pass); // (R * W, d)
        if (_blocks.Length > 1)
        {
            Tensor mask = CausalMask(last.Packing); // (R, 1, W, W)
            foreach (SequenceBlock block in _blocks.AsSpan(0, _blocks.Length - 1))
            {
                x = block.Forward(x, mask, pass); // (R * W, d)
            }
        }
        return _blocks[^1].ForwardLast(x, last, pass); // (B, d)
    }

    private Tensor Embed(Tensor items, PackedSequences packing, ForwardPass pass)
    {
        Tensor x = items.Plus(_positions.Value.index_select(0, packing.Positions)); // (R * W, d)
        return pass.Dropout(_inputNorm.Forward(x), _dropout); // (R * W, d)
    }

    /// <summary>0 where a slot sees another (itself and what came before in its sequence), -inf elsewhere: (R, 1, W, W).</summary>
    private static Tensor CausalMask(PackedSequences packing)
    {
        using var scope = NewDisposeScope();
        Device device = packing.Segments.device;
        Tensor segments = packing.Segments.view(packing.Rows, packing.Width); // (R, W)
        Tensor later = ones(packing.Width, packing.Width, dtype: ScalarType.Bool, device: device).triu(1); // (W, W)
        Tensor hidden = segments.unsqueeze(2).ne(segments.unsqueeze(1)).logical_or_(later); // (R, W, W)
        return zeros(hidden.shape, ScalarType.Float32, device: device)
            .MaskInPlace(hidden, float.NegativeInfinity)
            .unsqueeze(1)
            .MoveToOuterDisposeScope(); // (R, 1, W, W)
    }
}
