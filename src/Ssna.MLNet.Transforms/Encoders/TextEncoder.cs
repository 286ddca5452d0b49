using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ssna.MLNet.Encoders;

/// <summary>A BERT, RoBERTa or DistilBERT encoder: token ids in, hidden states out.</summary>
/// <remarks>
/// The three families compute the same function and differ in names, in how positions count and in whether tokens have
/// types; <see cref="EncoderConfiguration"/> and <see cref="EncoderLayout"/> hold those differences. There is no
/// dropout. Several threads may compute at once.
/// </remarks>
internal sealed class TextEncoder : IDisposable
{
    private readonly IReadOnlyList<EncoderParameter> _layout;
    private readonly EncoderLayer[] _layers;
    private readonly Parameter _words; // (vocabulary, D)
    private readonly Parameter _positions; // (positions, D)
    private readonly Parameter? _types; // (types, D)
    private readonly Parameter _normWeight; // (D)
    private readonly Parameter _normBias; // (D)

    private TextEncoder(
        EncoderConfiguration configuration,
        IReadOnlyList<Tensor> weights,
        Device device,
        ComputePrecision precision
    )
    {
        Configuration = configuration;
        Device = device;
        Precision = precision;
        _layout = EncoderLayout.Of(configuration);
        ScalarType linearType = precision switch
        {
            ComputePrecision.BFloat16 => ScalarType.BFloat16,
            ComputePrecision.Float16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };
        Parameters =
        [
            .. _layout.Zip(
                weights,
                (parameter, value) =>
                {
                    bool linear =
                        parameter.Kind is EncoderParameterKind.LinearWeight or EncoderParameterKind.LinearBias;
                    Tensor kept = value.to(linear ? linearType : ScalarType.Float32, device);
                    var owned = new Parameter(kept, requires_grad: false);
                    owned.DetachFromDisposeScope();
                    return (parameter.Name, owned);
                }
            ),
        ];
        int at = 0;
        Parameter Next() => Parameters[at++].Value;
        _words = Next();
        _positions = Next();
        _types = configuration.TokenTypes > 0 ? Next() : null;
        _normWeight = Next();
        _normBias = Next();
        _layers = [.. Enumerable.Range(0, configuration.LayerCount).Select(_ => new EncoderLayer(configuration, Next))];
    }

    public EncoderConfiguration Configuration { get; }

    /// <summary>Where the parameters are and hidden states come out.</summary>
    public Device Device { get; }

    /// <summary>The precision of the matrix products; never <see cref="ComputePrecision.Auto"/>.</summary>
    public ComputePrecision Precision { get; }

    public int LayerCount => Configuration.LayerCount;

    /// <summary>D: numbers in a hidden state.</summary>
    public int Width => Configuration.Width;

    /// <summary>The longest row of tokens that the encoder takes, special ones included.</summary>
    public int MaximumTokens => Configuration.MaximumTokens;

    /// <summary>The layers, from the bottom up.</summary>
    public IReadOnlyList<EncoderLayer> Layers => _layers;

    /// <summary>The encoder's own parameters, by our names; frozen until <see cref="SetTrainable"/>.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <summary>Loads a model folder as the Hugging Face hub lays it out.</summary>
    /// <param name="folder">Holds <c>config.json</c> and the weights as safetensors.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="precision">The precision of matrix products; Auto chooses by the hardware.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, the encoder of another kind, or a weight missing, misshapen or of no use; the message names it.
    /// </exception>
    public static TextEncoder Load(string folder, Device device, ComputePrecision precision)
    {
        EncoderConfiguration configuration = EncoderConfiguration.Load(folder);
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        return Load(configuration, checkpoint, device, precision);
    }

    /// <summary>Builds an encoder from its weights.</summary>
    /// <param name="configuration">Family and sizes.</param>
    /// <param name="source">The weights; not needed afterwards.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="precision">The precision of matrix products; Auto chooses by the hardware.</param>
    /// <exception cref="InvalidDataException">A weight is missing, misshapen or of no use; the message names it.</exception>
    public static TextEncoder Load(
        EncoderConfiguration configuration,
        ITensorSource source,
        Device device,
        ComputePrecision precision
    )
    {
        TorchRuntime.EnsureLoaded();
        using DisposeScope scope = NewDisposeScope();
        using var frozen = no_grad();
        IReadOnlyList<Tensor> weights = EncoderWeights.Read(configuration, source);
        return new TextEncoder(configuration, weights, device, Hardware.ChoosePrecision(precision, device));
    }

    /// <summary>
    /// Makes an encoder with random weights, trainable, on the CPU and in float32: matrices and embeddings N(0, 0.02),
    /// the padding word's row and biases 0, norms 1.
    /// </summary>
    /// <param name="configuration">Family and sizes.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    /// <remarks>Devlin et al. 2019 draw from a truncated normal; Hugging Face's library from a plain one, as here.</remarks>
    public static TextEncoder Create(EncoderConfiguration configuration, long seed)
    {
        TorchRuntime.EnsureLoaded();
        using DisposeScope scope = NewDisposeScope();
        using var frozen = no_grad();
        var generator = new Generator((ulong)seed);
        Tensor[] weights =
        [
            .. EncoderLayout
                .Of(configuration)
                .Select(parameter =>
                {
                    long[] shape = [.. parameter.Shape];
                    return parameter.Kind switch
                    {
                        EncoderParameterKind.NormWeight => ones(shape),
                        EncoderParameterKind.NormBias or EncoderParameterKind.LinearBias => zeros(shape),
                        _ => randn(shape, generator: generator).mul_(0.02f),
                    };
                }),
        ];
        if (configuration.PadId < configuration.VocabularySize)
        {
            weights[0].select(0, configuration.PadId).zero_(); // (D)
        }
        var encoder = new TextEncoder(configuration, weights, CPU, ComputePrecision.Float32);
        encoder.SetTrainable(true);
        return encoder;
    }

    /// <summary>An encoder whose weights are zeros, to be filled.</summary>
    /// <param name="configuration">Family and sizes.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="precision">The precision of matrix products; Auto chooses by the hardware.</param>
    public static TextEncoder Empty(EncoderConfiguration configuration, Device device, ComputePrecision precision)
    {
        TorchRuntime.EnsureLoaded();
        using DisposeScope scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor[] weights = [.. EncoderLayout.Of(configuration).Select(parameter => zeros([.. parameter.Shape]))];
        return new TextEncoder(configuration, weights, device, Hardware.ChoosePrecision(precision, device));
    }

    /// <summary>
    /// A frozen encoder on the CPU and in float32, whose weights are what <paramref name="change"/> makes of this one's.
    /// </summary>
    /// <param name="change">Takes a weight's place in <see cref="Parameters"/> and a copy of it, which it may write to.</param>
    public TextEncoder Changed(Func<int, Tensor, Tensor> change)
    {
        using DisposeScope scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor[] weights =
        [
            .. Parameters.Select(
                (parameter, i) => change(i, parameter.Value.detach().to(ScalarType.Float32, CPU, copy: true))
            ),
        ];
        return new TextEncoder(Configuration, weights, CPU, ComputePrecision.Float32);
    }

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
        Check(ids, lengths);
        Tensor? mask = Mask(ids, lengths);
        var states = new Tensor[LayerCount + 1];
        states[0] = Embed(ids); // (B, T, D)
        for (int i = 0; i < LayerCount; i++)
        {
            states[i + 1] = _layers[i].Forward(states[i], mask); // (B, T, D)
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
        Check(ids, lengths);
        Tensor? mask = Mask(ids, lengths);
        var cls = new Tensor[layers];
        Tensor states = Embed(ids); // (B, T, D)
        for (int i = 0; i < LayerCount - 1; i++)
        {
            Tensor next = _layers[i].Forward(states, mask); // (B, T, D)
            states.Dispose();
            states = next;
            int fromTop = LayerCount - 1 - i;
            if (fromTop < layers)
            {
                cls[fromTop] = states.select(1, 0).clone(); // (B, D): a copy, so that the other tokens' states can go
            }
        }
        cls[0] = _layers[^1].ForwardCls(states, mask); // (B, D)
        return stack(cls, 1).MoveToOuterDisposeScope(); // (B, layers, D)
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
        Check(ids, lengths);
        Tensor? mask = Mask(ids, lengths);
        Tensor states = Embed(ids); // (B, T, D)
        for (int i = 0; i < layers.Count - 1; i++)
        {
            Tensor next = layers[i].Layer.Forward(states, mask, layers[i].Deltas); // (B, T, D)
            states.Dispose();
            states = next;
        }
        return layers[^1].Layer.ForwardCls(states, mask, layers[^1].Deltas).MoveToOuterDisposeScope(); // (B, D)
    }

    /// <summary>Says whether the parameters take gradients.</summary>
    public void SetTrainable(bool trainable)
    {
        foreach ((_, Parameter value) in Parameters)
        {
            value.requires_grad = trainable;
        }
    }

    /// <summary>Writes a folder that <see cref="Load(string, Device, ComputePrecision)"/> and Hugging Face's libraries read.</summary>
    /// <param name="folder">Made where it does not exist; its <c>config.json</c> and <c>model.safetensors</c> are replaced.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(Path.Combine(folder, CheckpointFolder.SingleFile), Checkpoint(), CheckpointMetadata);
        WholeFile.Write(
            Path.Combine(folder, EncoderConfiguration.FileName),
            file => file.Write(Configuration.ToJson())
        );
    }

    /// <summary>Writes the weights as safetensors, in the precision that they are kept in.</summary>
    public void WriteWeights(Stream stream)
    {
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(stream, Checkpoint(), CheckpointMetadata);
    }

    public void Dispose()
    {
        foreach ((_, Parameter value) in Parameters)
        {
            value.Dispose();
        }
    }

    /// <summary>Hugging Face's loader refuses a file that does not say which library wrote its tensors.</summary>
    private static Dictionary<string, string> CheckpointMetadata => new() { ["format"] = "pt" };

    private IReadOnlyList<(string, Tensor)> Checkpoint() =>
        EncoderWeights.ToCheckpoint(_layout.Zip(Parameters, (parameter, own) => (parameter, own.Value.detach())));

    private Tensor Embed(Tensor ids)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = ids.shape[0];
        long length = ids.shape[1];
        Tensor onDevice = ids.to(ScalarType.Int64, Device); // (B, T)
        Tensor words = _words.index_select(0, onDevice.view(-1)).view(batch, length, Width); // (B, T, D)
        Tensor places =
            Configuration.Family == EncoderFamily.Roberta
                ? _positions.index_select(0, RobertaPositions(onDevice).view(-1)).view(batch, length, Width) // (B, T, D)
                : _positions.narrow(0, 0, length); // (T, D)
        Tensor sum = words.add_(_types is null ? places : places + _types.select(0, 0)); // (B, T, D)
        return layer_norm(sum, [Width], _normWeight, _normBias, Configuration.NormEpsilon).MoveToOuterDisposeScope();
    }

    /// <summary>RoBERTa's positions count the tokens other than padding, also where a text holds the padding token.</summary>
    private Tensor RobertaPositions(Tensor ids)
    {
        Tensor real = ids.ne(Configuration.PadId).to(ScalarType.Int64); // (B, T)
        return real.cumsum(1).mul_(real).add_(Configuration.PadId); // (B, T)
    }

    /// <summary>What is added to the attention scores: minus infinity at padding. Null where no row has any.</summary>
    private Tensor? Mask(Tensor ids, Tensor lengths)
    {
        long longest = ids.shape[1];
        if (lengths.min().item<long>() == longest)
        {
            return null;
        }
        ScalarType type = _layers[0].ComputeType;
        Tensor padding = arange(longest, device: Device).unsqueeze(0).ge(lengths.to(Device).unsqueeze(1)); // (B, T)
        Tensor mask = zeros(padding.shape, type, Device).masked_fill_(padding, float.NegativeInfinity); // (B, T)
        return mask.unsqueeze(1).unsqueeze(1); // (B, 1, 1, T)
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
