using Microsoft.ML.Transforms;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

internal sealed partial class TextEncoder
{
    /// <summary>Fills rows up to the longest with the padding id.</summary>
    /// <param name="rows">Token ids; at least one row, and one token in each.</param>
    /// <returns>Ids (B, T) and lengths (B), int64, on the CPU.</returns>
    public (Tensor Ids, Tensor Lengths) Pad(IReadOnlyList<int[]> rows)
    {
        int longest = rows.Max(row => row.Length);
        var ids = new long[rows.Count, longest];
        var lengths = new long[rows.Count];
        for (int b = 0; b < rows.Count; b++)
        {
            int[] row = rows[b];
            lengths[b] = row.Length;
            for (int t = 0; t < longest; t++)
            {
                ids[b, t] = t < row.Length ? row[t] : Configuration.PadId;
            }
        }
        return (tensor(ids), tensor(lengths));
    }

    /// <summary>All hidden states, the embedding output first. Gradients flow to parameters that ask for them.</summary>
    /// <param name="ids">Token ids, (B, T), padded on the right.</param>
    /// <param name="lengths">Tokens that count in each row, (B), from 1 to T.</param>
    /// <returns>(layers + 1, B, T, D), float32; of no meaning at padding.</returns>
    /// <exception cref="ArgumentException">Rows longer than the encoder takes, or ids outside its vocabulary.</exception>
    public Tensor HiddenStates(Tensor ids, Tensor lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        var states = new Tensor[LayerCount + 1];
        (states[0], Tensor? bias) = Begin(ids, lengths); // (B, T, D)
        for (int i = 0; i < LayerCount; i++)
        {
            states[i + 1] = _layers[i].Forward(states[i], bias); // (B, T, D)
        }
        return stack(states).MoveToOuterDisposeScope(); // (layers + 1, B, T, D)
    }

    /// <summary>
    /// The first token's hidden state in each of the top layers. The last layer is computed for that token alone.
    /// </summary>
    /// <param name="ids">Token ids, (B, T), padded on the right.</param>
    /// <param name="lengths">Tokens that count in each row, (B), from 1 to T.</param>
    /// <param name="layers">How many layers, from 1 to <see cref="LayerCount"/>.</param>
    /// <returns>(B, layers, D), float32, the top layer first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More layers than there are, or none.</exception>
    /// <exception cref="ArgumentException">Rows longer than the encoder takes, or ids outside its vocabulary.</exception>
    public Tensor ClsOfTopLayers(Tensor ids, Tensor lengths, int layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layers, LayerCount);
        using DisposeScope scope = NewDisposeScope();
        var cls = new Tensor[layers];
        (Tensor states, Tensor? bias) = Begin(ids, lengths); // (B, T, D)
        if (EnsurePacked())
        {
            states = states.to(_productType); // (B, T, D)
        }
        for (int i = 0; i < LayerCount - 1; i++)
        {
            Tensor next = _layers[i].Forward(states, bias); // (B, T, D)
            states.Dispose();
            states = next;
            int fromTop = LayerCount - 1 - i;
            if (fromTop < layers)
            {
                cls[fromTop] = states.select(1, 0).clone(); // (B, D): a copy, so that the other tokens' states can go
            }
        }
        cls[0] = _layers[^1].ForwardCls(states, bias); // (B, D)
        return stack(cls, 1).to(ScalarType.Float32).MoveToOuterDisposeScope(); // (B, layers, D)
    }

    /// <summary>
    /// The first token's hidden state in the top layer, through layers that a training method has changed: gradients flow to
    /// what they hold.
    /// </summary>
    /// <param name="ids">Token ids, (B, T), padded on the right.</param>
    /// <param name="lengths">Tokens that count in each row, (B), from 1 to T.</param>
    /// <param name="layers">All layers, from the bottom up.</param>
    /// <returns>(B, D), float32.</returns>
    /// <exception cref="ArgumentException">Rows longer than the encoder takes, or ids outside its vocabulary.</exception>
    public Tensor TopCls(Tensor ids, Tensor lengths, IReadOnlyList<ChangedLayer> layers)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor states, Tensor? bias) = Begin(ids, lengths); // (B, T, D)
        for (int i = 0; i < layers.Count - 1; i++)
        {
            Tensor next = layers[i].Layer.Forward(states, bias, layers[i].Deltas); // (B, T, D)
            states.Dispose();
            states = next;
        }
        return layers[^1].Layer.ForwardCls(states, bias, layers[^1].Deltas).MoveToOuterDisposeScope(); // (B, D)
    }

    /// <summary>What the lowest layer reads, (B, T, D), and what all layers add to their attention scores.</summary>
    private (Tensor States, Tensor? Bias) Begin(Tensor ids, Tensor lengths)
    {
        Check(ids, lengths);
        if (Precision == ComputePrecision.BFloat16)
        {
            SignalStack.Ensure();
        }
        return (_embedding.Forward(ids.to(ScalarType.Int64, Device)), Bias(ids.shape[1], lengths));
    }

    /// <summary>Whether states may be bfloat16, as <see cref="EncoderLayer.TryPack"/> says.</summary>
    private bool EnsurePacked()
    {
        lock (_layers)
        {
            return _packed ??= Array.TrueForAll(_layers, layer => layer.TryPack());
        }
    }

    /// <summary>What the family adds to the attention scores, and minus infinity at padding; null where neither is.</summary>
    /// <returns>(B or 1, H or 1, T or 1, T) in the compute type.</returns>
    private Tensor? Bias(long longest, Tensor lengths)
    {
        Tensor? ofFamily = _attentionBias?.Forward(longest).to(_productType); // (1, H, T, T)
        if (lengths.min().item<long>() == longest)
        {
            return ofFamily;
        }
        Tensor padding = TensorArithmetic.Counting(longest, Device).unsqueeze(0).ge(lengths.to(Device).unsqueeze(1)); // (B, T)
        Tensor mask = zeros(padding.shape, _productType, Device).MaskInPlace(padding, float.NegativeInfinity); // (B, T)
        mask = mask.unsqueeze(1).unsqueeze(1); // (B, 1, 1, T)
        return ofFamily is null ? mask : ofFamily.Plus(mask); // (B, H, T, T)
    }

    private void Check(Tensor ids, Tensor lengths)
    {
        if (ids.dim() != 2 || lengths.dim() != 1 || ids.shape[0] != lengths.shape[0] || ids.numel() == 0)
        {
            throw new ArgumentException(
                $"Expected token ids (B, T) and lengths (B), found [{string.Join(", ", ids.shape)}] and "
                    + $"[{string.Join(", ", lengths.shape)}]."
            );
        }
        if (ids.shape[1] > MaximumTokens)
        {
            throw new ArgumentException(
                $"A row of {ids.shape[1]} tokens is longer than the {MaximumTokens} that the encoder takes.",
                nameof(ids)
            );
        }
        // An id outside the table is an error of the native library on a CPU, and the end of the process on a GPU.
        (long least, long most) = (
            ids.min().to(ScalarType.Int64).item<long>(),
            ids.max().to(ScalarType.Int64).item<long>()
        );
        if (least < 0 || most >= Configuration.VocabularySize)
        {
            throw new ArgumentException(
                $"Expected token ids from 0 to {Configuration.VocabularySize - 1}, the encoder's vocabulary; found "
                    + $"{least} to {most}. Do tokenizer and weights belong together?",
                nameof(ids)
            );
        }
        if (lengths.min().item<long>() < 1 || lengths.max().item<long>() > ids.shape[1])
        {
            throw new ArgumentException($"Expected lengths from 1 to {ids.shape[1]}.", nameof(lengths));
        }
    }
}
