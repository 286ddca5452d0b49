using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.SequenceModels;

/// <summary>
/// One transformer block of SASRec as RecBole has it: self-attention and a feed-forward part, each with a residual and the
/// norm behind it.
/// </summary>
internal sealed partial class SequenceBlock
{
    private readonly string _name;
    private readonly int _heads;
    private readonly int _dimension;
    private readonly float _dropout;
    private readonly LinearLayer _queryKeyValue;
    private readonly LinearLayer _output;
    private readonly Normalization _attentionNorm;
    private readonly LinearLayer _inner;
    private readonly LinearLayer _outer;
    private readonly Normalization _innerNorm;

    public SequenceBlock(
        ParameterBuffer parameters,
        string name,
        SASRecEncoderShape shape,
        int dimension,
        float dropout
    )
    {
        (_name, _heads, _dimension, _dropout) = (name, shape.AttentionHeads, dimension, dropout);
        _queryKeyValue = new LinearLayer(parameters, $"{name}.attention.query_key_value", _dimension, 3 * _dimension);
        _output = new LinearLayer(parameters, $"{name}.attention.output", _dimension, _dimension);
        _attentionNorm = new Normalization(parameters, $"{name}.attention.norm", _dimension);
        _inner = new LinearLayer(parameters, $"{name}.feed_forward.inner", _dimension, shape.InnerSize);
        _outer = new LinearLayer(parameters, $"{name}.feed_forward.outer", shape.InnerSize, _dimension);
        _innerNorm = new Normalization(parameters, $"{name}.feed_forward.norm", _dimension);
    }

    /// <param name="x">(R * W, d).</param>
    /// <param name="mask">0 where a slot sees another, -inf where it does not: (R, 1, W, W).</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(R * W, d).</returns>
    public Tensor Forward(Tensor x, Tensor mask, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return Finish(x, Attend(x, mask, pass), pass).MoveToOuterDisposeScope(); // (R * W, d)
    }

    /// <summary>What follows attention, in which every row is by itself: (N, d) of each, to (N, d).</summary>
    private Tensor Finish(Tensor x, Tensor attended, ForwardPass pass)
    {
        // Sums are written into a product or what dropout made of it, which nothing needs again.
        attended = pass.Dropout(_output.Forward(attended, pass), _dropout); // (N, d)
        x = _attentionNorm.Forward(attended.AddInPlace(x)); // (N, d)
        Tensor inner = _inner.ForwardToOperand(x, pass); // (N, i)
        inner = inner.requires_grad ? inner.gelu() : inner.gelu_(); // (N, i)
        Tensor fed = pass.Dropout(_outer.Forward(inner, pass), _dropout); // (N, d)
        return _innerNorm.Forward(fed.AddInPlace(x)); // (N, d)
    }

    /// <summary>(R * W, d), for a product to read.</summary>
    // Written out: at these lengths on a CPU, libtorch's fused attention takes twice the time.
    private Tensor Attend(Tensor x, Tensor mask, ForwardPass pass)
    {
        (long rows, long width) = (mask.shape[0], mask.shape[^1]);
        long head = _dimension / _heads;
        Tensor[] parts = _queryKeyValue
            .ForwardToOperand(x, pass)
            .view(rows, width, 3, _heads, head)
            .permute(2, 0, 3, 1, 4) // (3, R, H, W, d / H)
            .unbind(0);
        Tensor scores = mask.Plus(pass.Multiply(parts[0], parts[1].transpose(2, 3)), (float)(1 / Math.Sqrt(head))); // (R, H, W, W)
        Tensor shares = pass.Dropout(scores.softmax(-1), _dropout); // (R, H, W, W)
        return pass.MultiplyToOperand(shares, parts[2]).transpose(1, 2).reshape(-1, _dimension); // (R * W, d)
    }
}
