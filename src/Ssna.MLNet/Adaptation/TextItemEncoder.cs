using System.Runtime.InteropServices;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Features;
using Ssna.MLNet.Items;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>
/// Embeds items from their texts' tokens, by an encoder that is trained with the model: the CLS vector of its top layer, and
/// one linear layer. Its inputs are token ids, filled up with <see cref="TextInputs.NoToken"/>: (V, T), int32.
/// </summary>
internal abstract class TextItemEncoder : ItemEncoder
{
    // Tokens at a time on a CPU, padding included: enough for the matrix products to be at their best, and few enough for
    // what lies between two of them to stay in the cache.
    private const int CpuTokens = 1024;
    private const int GpuTokens = 16384;

    private readonly bool _checkpointing;
    private readonly List<Checkpoint> _checkpoints = [];
    private LinearLayer? _head;

    /// <param name="parameters">Where its weights are declared.</param>
    /// <param name="shape">What decides its tensors.</param>
    /// <param name="device">Where the encoder is.</param>
    /// <param name="training">What training starts from, or null for an encoder that is restored.</param>
    protected TextItemEncoder(
        ParameterBuffer parameters,
        TextEncoderShape shape,
        Device device,
        EncoderTraining? training
    )
    {
        _checkpointing = training?.ActivationCheckpointing ?? false;
        if (training is null)
        {
            foreach (EncoderParameter parameter in EncoderLayout.Of(shape.Encoder))
            {
                parameters.Expect($"encoder.{parameter.Name}", [.. parameter.Shape]);
            }
        }
        Encoder =
            training?.Pretrained
            ?? TextEncoder.Empty(shape.Encoder, device, Hardware.WithStandIn(null, shape.Precision, device));
    }

    public override bool ReadsOnHost => true;

    /// <summary>The encoder as it was before training; frozen.</summary>
    public TextEncoder Encoder { get; }

    /// <summary>The frozen weights that the item embeddings depend on.</summary>
    public override IReadOnlyList<(string Name, Tensor Value)> Buffers =>
        [.. Encoder.Parameters.Select(parameter => ($"encoder.{parameter.Name}", (Tensor)parameter.Value))];

    /// <summary>Declares the linear layer behind the encoder: to be called last by a kind's constructor.</summary>
    protected void DeclareHead(ParameterBuffer parameters, int dimension) =>
        _head = new LinearLayer(parameters, "head", Encoder.Width, dimension);

    /// <summary>The encoder's layers as they are now, from the bottom up.</summary>
    /// <param name="pass">How to compute.</param>
    protected abstract IReadOnlyList<ChangedLayer> Layers(ForwardPass pass);

    /// <summary>What training has made of the encoder: on the CPU, in float32, the caller's to dispose.</summary>
    public abstract TextEncoder Merge();

    public override Tensor Embed(Tensor inputs, ForwardPass pass)
    {
        // A source of its own: the numbers of a text go by its length, so that ranks could not draw their part of one draw.
        Tensor cls = EmbedCls(Rows(inputs), pass.With(pass.Noise?.Fork())); // (V, D)
        return _head!.Forward(cls, pass); // (V, d)
    }

    /// <summary>The top layer's CLS vectors: texts of like length go through the encoder together.</summary>
    /// <param name="rows">Token ids.</param>
    /// <param name="pass">How to compute.</param>
    /// <returns>(V, D), in the order of <paramref name="rows"/>.</returns>
    public Tensor EmbedCls(IReadOnlyList<int[]> rows, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var order = new long[rows.Count];
        int placed = 0;
        var parts = new List<Tensor>();
        int tokens = Encoder.Device.type == DeviceType.CPU ? CpuTokens : GpuTokens;
        foreach (int[] batch in TokenBatches.Plan(rows, tokens))
        {
            pass.CheckAlive();
            foreach (int row in batch)
            {
                order[row] = placed++;
            }
            int[][] texts = Array.ConvertAll(batch, row => rows[row]);
            parts.Add(_checkpointing && is_grad_enabled() ? EmbedLater(texts, pass) : EmbedBatch(texts, pass)); // (v, D)
        }
        return cat(parts).index_select(0, DeviceMemory.Upload(Encoder.Device, order)[0]).MoveToOuterDisposeScope(); // (V, D)
    }

    public override void FinishBackward()
    {
        foreach (Checkpoint checkpoint in _checkpoints)
        {
            using var scope = NewDisposeScope();
            using Tensor? gradient = checkpoint.Cls.grad; // (v, D)
            if (gradient is not null)
            {
                Tensor cls = EmbedBatch(checkpoint.Texts, checkpoint.Pass); // (v, D)
                autograd.backward([cls], [gradient]);
            }
            checkpoint.Cls.Dispose();
        }
        _checkpoints.Clear();
    }

    public override void Dispose()
    {
        Encoder.Dispose();
        base.Dispose();
    }

    private Tensor EmbedBatch(int[][] texts, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        (Tensor ids, Tensor lengths) = Encoder.Pad(texts); // (v, T), (v)
        return Encoder.TopCls(ids, lengths, Layers(pass)).MoveToOuterDisposeScope(); // (v, D)
    }

    /// <summary>The CLS vectors without what is between them and the texts; <see cref="FinishBackward"/> computes that again.</summary>
    private Tensor EmbedLater(int[][] texts, ForwardPass pass)
    {
        // The same source draws the same dropout masks on the way back.
        TrainingNoise? noise = pass.Noise?.Fork();
        var checkpoint = new Checkpoint(texts, pass.With(noise?.Again()));
        using (TensorState.Frozen())
        {
            checkpoint.Cls = EmbedBatch(texts, pass.With(noise)).DetachFromDisposeScope(); // (v, D)
        }
        checkpoint.Cls.requires_grad_(true);
        _checkpoints.Add(checkpoint);
        return checkpoint.Cls;
    }

    private static int[][] Rows(Tensor inputs)
    {
        using Tensor onCpu = inputs.to(ScalarType.Int32).contiguous(); // (V, T)
        int width = (int)onCpu.shape[1];
        ReadOnlySpan<int> all = MemoryMarshal.Cast<byte, int>(onCpu.bytes);
        var rows = new int[onCpu.shape[0]][];
        for (int i = 0; i < rows.Length; i++)
        {
            ReadOnlySpan<int> row = all.Slice(i * width, width);
            int end = row.IndexOf(TextInputs.NoToken);
            rows[i] = (end < 0 ? row : row[..end]).ToArray();
        }
        return rows;
    }

    private sealed class Checkpoint(int[][] texts, ForwardPass pass)
    {
        private Tensor? _cls;

        public int[][] Texts => texts;

        /// <summary>How to compute them again, with the same noise.</summary>
        public ForwardPass Pass => pass;

        /// <summary>(v, D), a leaf whose gradient the loss gives.</summary>
        public Tensor Cls
        {
            get => _cls ?? throw new InvalidOperationException("The checkpoint is not computed yet.");
            set => _cls = value;
        }
    }
}
