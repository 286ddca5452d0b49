using Microsoft.ML.Transforms;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ssna.MLNet.Encoders;

/// <summary>A text encoder of any <see cref="EncoderFamily"/>: token ids in, hidden states out.</summary>
/// <remarks>There is no dropout. Several threads may compute at once.</remarks>
internal sealed partial class TextEncoder : IDisposable
{
    private readonly IReadOnlyList<EncoderParameter> _layout;
    private readonly ScalarType _productType;
    private readonly EncoderLayer[] _layers;
    private readonly EncoderEmbedding _embedding;
    private readonly AttentionBias? _attentionBias;
    private bool? _packed;

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
        _productType = precision switch
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
                    Tensor kept = value.to(linear ? _productType : ScalarType.Float32, device);
                    var owned = new Parameter(kept, requires_grad: false);
                    owned.DetachFromDisposeScope();
                    return (parameter.Name, owned);
                }
            ),
        ];
        int at = 0;
        Parameter Next() => Parameters[at++].Value;
        EncoderFamily family = configuration.Family;
        _embedding = family.Embedding(configuration, Next);
        _attentionBias = family.AttentionBias(configuration, Next);
        _layers = [.. Enumerable.Range(0, configuration.LayerCount).Select(i => family.Layer(configuration, i, Next))];
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
        using var frozen = TensorState.Frozen();
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
        using var frozen = TensorState.Frozen();
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
                        EncoderParameterKind.NormWeight => ones(shape, ScalarType.Float32),
                        EncoderParameterKind.NormBias or EncoderParameterKind.LinearBias => zeros(
                            shape,
                            ScalarType.Float32
                        ),
                        _ => randn(shape, ScalarType.Float32, generator: generator).MultiplyInPlace(0.02f),
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
        using var frozen = TensorState.Frozen();
        Tensor[] weights =
        [
            .. EncoderLayout.Of(configuration).Select(parameter => zeros([.. parameter.Shape], ScalarType.Float32)),
        ];
        return new TextEncoder(configuration, weights, device, Hardware.ChoosePrecision(precision, device));
    }

    /// <summary>
    /// A frozen encoder on the CPU and in float32, whose weights are what <paramref name="change"/> makes of this one's.
    /// </summary>
    /// <param name="change">Takes a weight's place in <see cref="Parameters"/> and a copy of it, which it may write to.</param>
    public TextEncoder Changed(Func<int, Tensor, Tensor> change)
    {
        using DisposeScope scope = NewDisposeScope();
        using var frozen = TensorState.Frozen();
        Tensor[] weights =
        [
            .. Parameters.Select(
                (parameter, i) => change(i, parameter.Value.detach().to(ScalarType.Float32, CPU, copy: true))
            ),
        ];
        return new TextEncoder(Configuration, weights, CPU, ComputePrecision.Float32);
    }

    /// <summary>Says whether the parameters take gradients.</summary>
    public void SetTrainable(bool trainable)
    {
        foreach ((_, Parameter value) in Parameters)
        {
            value.requires_grad = trainable;
        }
        Unpack();
    }

    /// <summary>The files that make a folder which <see cref="Load(string, Device, ComputePrecision)"/> and Hugging Face's libraries read.</summary>
    public IReadOnlyList<(string Name, Action<FileStream> Write)> Files =>
        [
            (CheckpointFolder.SingleFile, WriteWeights),
            (EncoderConfiguration.FileName, file => file.Write(Configuration.ToJson())),
        ];

    /// <summary>Writes <see cref="Files"/>.</summary>
    /// <param name="folder">Made where it does not exist; its <c>config.json</c> and <c>model.safetensors</c> are replaced.</param>
    public void Save(string folder) => WholeFile.WriteTogether(folder, Files, obsolete: []);

    /// <summary>Writes the weights as safetensors, in the precision that they are kept in.</summary>
    public void WriteWeights(Stream stream)
    {
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(stream, Checkpoint(), CheckpointMetadata);
    }

    public void Dispose()
    {
        Unpack();
        foreach ((_, Parameter value) in Parameters)
        {
            value.Dispose();
        }
    }

    // Weights that were trained are laid out anew.
    private void Unpack()
    {
        lock (_layers)
        {
            Array.ForEach(_layers, layer => layer.Unpack());
            _packed = null;
        }
    }

    /// <summary>Hugging Face's loader refuses a file that does not say which library wrote its tensors.</summary>
    private static Dictionary<string, string> CheckpointMetadata => new() { ["format"] = "pt" };

    private IReadOnlyList<(string, Tensor)> Checkpoint() =>
        EncoderWeights.ToCheckpoint(_layout.Zip(Parameters, (parameter, own) => (parameter, own.Value.detach())));
}
