using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.SequenceModels;

internal sealed partial class SequenceBlock
{
    /// <summary>What <see cref="Forward"/> gives for the last item of each sequence, without computing the others'.</summary>
    /// <param name="x">(R * W, d).</param>
    /// <param name="last">The last items.</param>
    /// <param name="pass">How to compute; its noise, where there is one, is not that of <see cref="Forward"/>.</param>
    /// <returns>(B, d).</returns>
    public Tensor ForwardLast(Tensor x, LastItems last, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        Tensor users = last.Of(x); // (B, d)
        return Finish(users, AttendLast(x, users, last, pass), pass).MoveToOuterDisposeScope(); // (B, d)
    }

    // With one query a sequence, keys and values need not be made: q . (K x + b) = (K^T q) . x + q . b, where the last term is
    // the same for all items and drops out of the softmax; and a sum of values is the value of a sum. Two products for each
    // sequence take the place of two for each of its items.
    private Tensor AttendLast(Tensor x, Tensor users, LastItems last, ForwardPass pass)
    {
        (int rowCount, int width) = (last.Packing.Rows, last.Packing.Width);
        long head = _dimension / _heads;
        Tensor weight = _queryKeyValue.Weight; // (3d, d)
        Tensor key = weight.narrow(0, _dimension, _dimension).view(_heads, head, _dimension); // (H, d / H, d)
        Tensor value = weight.narrow(0, 2L * _dimension, _dimension).view(_heads, head, _dimension); // (H, d / H, d)
        Tensor query = pass.Linear(
            users,
            weight.narrow(0, 0, _dimension),
            _queryKeyValue.Bias.narrow(0, 0, _dimension)
        ); // (B, d)
        query = query.Times((float)(1 / Math.Sqrt(head))).view(-1, _heads, head).transpose(0, 1); // (H, B, d / H)
        Tensor asked = pass.Multiply(query, key).transpose(0, 1); // (B, H, d)

        Tensor slots = x.view(rowCount, width, _dimension); // (R, W, d)
        Tensor rows = last.ToRows(asked).view(rowCount, -1, _dimension); // (R, S * H, d)
        Tensor scores = pass.Multiply(rows, slots.transpose(1, 2)) // (R, S * H, W)
            .view(rowCount, last.PerRow, _heads, width) // (R, S, H, W)
            .Masked(last.Hidden(), float.NegativeInfinity);
        Tensor shares = pass.Dropout(scores.softmax(-1), _dropout).view(rowCount, -1, width); // (R, S * H, W)
        Tensor seen = pass.Multiply(shares, slots).view(-1, _heads, _dimension); // (R * S, H, d)

        Tensor mixed = last.FromRows(seen).transpose(0, 1); // (H, B, d)
        Tensor attended = pass.Multiply(mixed, value.transpose(1, 2)).transpose(0, 1).reshape(-1, _dimension); // (B, d)
        return attended.Plus(_queryKeyValue.Bias.narrow(0, 2L * _dimension, _dimension)); // (B, d)
    }
}
