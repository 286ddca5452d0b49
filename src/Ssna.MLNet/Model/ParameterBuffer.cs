using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// Every weight of a model, side by side in one tensor, so that an optimiser's step, a copy of the best state or an average
/// over time is a few large operations instead of dozens of small ones.
/// </summary>
/// <param name="stored">The tensors that the weights will be given, or null where they are drawn.</param>
internal sealed class ParameterBuffer(ITensorSource? stored = null) : IDisposable
{
    // Each weight starts at a multiple of 64 bytes: what the widest vector loads like best.
    private const int Alignment = 16;

    private readonly List<Parameter> _parameters = [];

    private Tensor? _values;
    private Tensor? _trained;
    private Tensor? _gradients;
    private Range _trainedParameters = ..;

    /// <summary>The weights in the order of their declaration.</summary>
    public IReadOnlyList<Parameter> All => _parameters;

    /// <summary>All weights: (N), with unused numbers that stay zero between some of them.</summary>
    public Tensor Values => _values ?? throw new InvalidOperationException("The parameters are not allocated yet.");

    /// <summary>
    /// The weights that are trained, side by side as well: (M). All of them, unless <see cref="RequireGradients"/> was told of some.
    /// </summary>
    public Tensor Trained => _trained ?? Values;

    /// <summary>The numbers of the weights that are trained.</summary>
    public long TrainedLength => _parameters.Take(_trainedParameters).Sum(parameter => parameter.Length);

    /// <summary>The gradients of <see cref="Trained"/> at the same places: (M).</summary>
    public Tensor Gradients => _gradients ?? throw new InvalidOperationException("The model is not being trained.");

    /// <summary>Names a weight; it gets its storage from <see cref="Allocate"/>.</summary>
    public Parameter Declare(string name, Initialization initialization, params ReadOnlySpan<long> shape)
    {
        Expect(name, shape);
        var parameter = new Parameter(name, shape.ToArray(), initialization);
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Refuses a tensor, a weight or another, that those which will be given do not have in that shape.</summary>
    /// <exception cref="InvalidDataException">They lack it, or have it in another shape.</exception>
    public void Expect(string name, params ReadOnlySpan<long> shape)
    {
        if (stored is not null)
        {
            ModelTensors.Check(stored, name, shape);
        }
    }

    /// <summary>Gives the declared weights storage on <paramref name="device"/>, filled with zeros.</summary>
    public void Allocate(Device device)
    {
        using var _ = TensorState.Frozen();
        long length = _parameters.Sum(AlignedLength);
        _values = zeros(length, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope(); // (N)
        long start = 0;
        foreach (Parameter parameter in _parameters)
        {
            parameter.Value = View(_values, parameter, start);
            start += AlignedLength(parameter);
        }
    }

    /// <summary>Draws initial values on the CPU, so that a seed means the same weights on every device.</summary>
    public void Initialize(Generator generator)
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        foreach (Parameter parameter in _parameters)
        {
            parameter.Initialization.Fill(parameter.Value, generator);
        }
    }

    /// <summary>Makes backward passes add into <see cref="Gradients"/>.</summary>
    /// <param name="trained">The weights that are trained, in the order of their declaration; null for all. The others stay as they are.</param>
    public void RequireGradients(Range? trained = null)
    {
        if (_gradients is not null)
        {
            return;
        }
        _trainedParameters = trained ?? ..;
        long from = _parameters.Take(_trainedParameters.Start.GetOffset(_parameters.Count)).Sum(AlignedLength);
        long length = _parameters.Take(_trainedParameters).Sum(AlignedLength);
        _trained?.Dispose();
        _trained = Values.narrow(0, from, length).DetachFromDisposeScope(); // (M)
        _gradients = zeros_like(_trained).DetachFromDisposeScope(); // (M)
        long start = 0;
        foreach (Parameter parameter in _parameters.Take(_trainedParameters))
        {
            parameter.Value.requires_grad_(true);
            using Tensor view = View(_gradients, parameter, start);
            parameter.Value.grad = view;
            start += AlignedLength(parameter);
        }
    }

    /// <summary>Frees <see cref="Gradients"/>; backward passes stop at the weights again.</summary>
    public void DropGradients()
    {
        foreach (Parameter parameter in _parameters)
        {
            parameter.Value.grad = null;
            parameter.Value.requires_grad_(false);
        }
        _gradients?.Dispose();
        _gradients = null;
    }

    public void Dispose()
    {
        foreach (Parameter parameter in _parameters)
        {
            parameter.Dispose();
        }
        _gradients?.Dispose();
        _trained?.Dispose();
        _values?.Dispose();
    }

    private static Tensor View(Tensor flat, Parameter parameter, long start)
    {
        // Held: with no scope around, a collection during the call of view could free what it reads.
        using Tensor part = flat.narrow(0, start, parameter.Length); // (N of the parameter)
        return part.view(parameter.Shape).DetachFromDisposeScope();
    }

    private static long AlignedLength(Parameter parameter) =>
        (parameter.Length + Alignment - 1) / Alignment * Alignment;
}

/// <summary>One weight of a <see cref="ParameterBuffer"/>.</summary>
internal sealed class Parameter(string name, long[] shape, Initialization initialization) : IDisposable
{
    private Tensor? _value;

    /// <summary>The name in files of weights.</summary>
    public string Name => name;

    public long[] Shape => shape;

    public long Length { get; } = shape.Aggregate(1L, (product, size) => product * size);

    public Initialization Initialization => initialization;

    /// <summary>A view into <see cref="ParameterBuffer.Values"/>, of <see cref="Shape"/>.</summary>
    public Tensor Value
    {
        get => _value ?? throw new InvalidOperationException($"The parameter '{name}' is not allocated yet.");
        internal set => _value = value;
    }

    public void Dispose() => _value?.Dispose();
}

/// <summary>How a weight starts.</summary>
internal abstract record Initialization
{
    public static readonly Initialization Zero = new Constant(0);
    public static readonly Initialization One = new Constant(1);

    /// <summary>N(0, 0.02), as UniSRec and RecBole start their linear layers and embeddings.</summary>
    public static readonly Initialization Normal = new Gaussian(0.02);

    /// <summary>Uniform between -bound and bound.</summary>
    public static Initialization Uniform(double bound) => new Range(bound);

    /// <summary>A copy of another tensor, which is looked at when the weight is initialised.</summary>
    public static Initialization CopyOf(Tensor other) => new Copy(other);

    /// <summary>Gives a weight its first value, wherever it is.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="generator">The CPU's, as TorchSharp's always are: what is drawn is drawn there.</param>
    public abstract void Fill(Tensor weight, Generator generator);

    private static void Draw(Tensor weight, Action<Tensor> draw)
    {
        Tensor drawn = empty(weight.shape, dtype: ScalarType.Float32);
        draw(drawn);
        weight.copy_(drawn);
    }

    private sealed record Constant(double Value) : Initialization
    {
        public override void Fill(Tensor weight, Generator generator) => weight.FillInPlace(Value);
    }

    private sealed record Gaussian(double Deviation) : Initialization
    {
        public override void Fill(Tensor weight, Generator generator) =>
            Draw(weight, drawn => drawn.normal_(0, Deviation, generator));
    }

    private sealed record Range(double Bound) : Initialization
    {
        public override void Fill(Tensor weight, Generator generator) =>
            Draw(weight, drawn => drawn.uniform_(-Bound, Bound, generator));
    }

    private sealed record Copy(Tensor Other) : Initialization
    {
        public override void Fill(Tensor weight, Generator generator) => weight.copy_(Other);
    }
}
