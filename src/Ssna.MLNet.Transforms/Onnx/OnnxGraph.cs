using Google.Protobuf;
using TorchSharp;
using static Ssna.MLNet.Onnx.AttributeProto.Types;
using static Ssna.MLNet.Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Ssna.MLNet.Onnx;

/// <summary>
/// A graph of the Open Neural Network Exchange that is being built: operators are added in the order in which they are computed.
/// Weights stay the caller's, who keeps them until the graph is written (<see cref="OnnxFile"/>).
/// </summary>
internal sealed partial class OnnxGraph
{
    private readonly GraphProto _graph;
    private readonly OnnxGraph _outermost;
    private readonly Dictionary<string, int> _names = []; // how many names begin so

    /// <param name="name">What tools call it.</param>
    public OnnxGraph(string name)
    {
        _graph = new GraphProto { Name = name };
        _outermost = this;
    }

    // Values of the graphs around it are its own too, so that no name is to be there twice.
    private OnnxGraph(string name, OnnxGraph around)
    {
        _graph = new GraphProto { Name = name };
        _outermost = around._outermost;
    }

    /// <summary>The graph in the file's terms, without the numbers of <see cref="Weights"/>.</summary>
    public GraphProto Content => _graph;

    /// <summary>The weights, each with its place in <see cref="Content"/>.</summary>
    public List<(TensorProto Place, Tensor Values)> Weights { get; } = [];

    /// <summary>Adds an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Of what.</param>
    /// <param name="meaning">What it is, for those who read the file.</param>
    /// <param name="shape">Sizes of its dimensions: a number, or the name of one that each run chooses.</param>
    public OnnxValue Input(string name, DataType type, string meaning, params object[] shape)
    {
        _graph.Input.Add(Describe(name, type, meaning, shape));
        return new OnnxValue(name);
    }

    /// <summary>Makes a value an output.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">The output's name.</param>
    /// <param name="type">Of what.</param>
    /// <param name="meaning">What it is, for those who read the file.</param>
    /// <param name="shape">Sizes of its dimensions: a number, or the name of one that each run chooses.</param>
    public void Output(OnnxValue value, string name, DataType type, string meaning, params object[] shape)
    {
        _graph.Node.Add(
            new NodeProto
            {
                OpType = "Identity",
                Name = name,
                Input = { value.Name },
                Output = { name },
            }
        );
        _graph.Output.Add(Describe(name, type, meaning, shape));
    }

    /// <summary>Adds a weight.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The numbers, on any device; to be kept until the graph is written.</param>
    public OnnxValue Weight(string name, Tensor values)
    {
        var place = new TensorProto
        {
            Name = name,
            DataType = (int)TypeOf(values),
            Dims = { values.shape },
        };
        _outermost._graph.Initializer.Add(place);
        _outermost.Weights.Add((place, values));
        return new OnnxValue(name);
    }

    /// <summary>A list of whole numbers: (N), int64.</summary>
    public OnnxValue List(params long[] values) => Constant($"list_{string.Join('_', values)}", tensor(values));

    /// <summary>A whole number: int64.</summary>
    public OnnxValue Number(long value) => Constant($"number_{value}", tensor(value));

    /// <summary>A number: float32.</summary>
    public OnnxValue Number(float value) =>
        Constant(FormattableString.Invariant($"number_{value:R}_float"), tensor(value, dtype: ScalarType.Float32));

    /// <summary>Adds an operator.</summary>
    /// <param name="type">The operator's name.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="attributes">Its attributes: numbers, lists of them, texts, or the graph of a loop's body.</param>
    public OnnxValue Apply(string type, OnnxValue[] inputs, params (string Name, object Value)[] attributes) =>
        Apply(type, 1, inputs, attributes)[0];

    /// <summary>Adds an operator that gives several values.</summary>
    /// <inheritdoc cref="Apply(string, OnnxValue[], ValueTuple{string, object}[])"/>
    public OnnxValue[] Apply(
        string type,
        int outputs,
        OnnxValue[] inputs,
        params (string Name, object Value)[] attributes
    )
    {
        string name = NameOf(type);
        OnnxValue[] results =
        [
            .. Enumerable.Range(0, outputs).Select(i => new OnnxValue(outputs == 1 ? name : $"{name}:{i}")),
        ];
        _graph.Node.Add(
            new NodeProto
            {
                OpType = type,
                Name = name,
                Input = { inputs.Select(input => input.Name) },
                Output = { results.Select(result => result.Name) },
                Attribute = { attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)) },
            }
        );
        return results;
    }

    /// <summary>Begins the graph of a loop's body, which sees all values of this one.</summary>
    public OnnxGraph Body(string name) => new(name, this);

    private OnnxValue Constant(string name, Tensor value)
    {
        if (!_outermost._graph.Initializer.Any(initializer => initializer.Name == name))
        {
            Weight(name, value);
        }
        else
        {
            value.Dispose();
        }
        return new OnnxValue(name);
    }

    private string NameOf(string type)
    {
        int count = _outermost._names.GetValueOrDefault(type);
        _outermost._names[type] = count + 1;
        return $"{type}_{count}";
    }

    private static DataType TypeOf(Tensor values) =>
        values.dtype switch
        {
            ScalarType.Float32 => DataType.Float,
            ScalarType.Float16 => DataType.Float16,
            ScalarType.Int8 => DataType.Int8,
            ScalarType.Int64 => DataType.Int64,
            ScalarType.Bool => DataType.Bool,
            ScalarType other => throw new NotSupportedException(
                $"Expected a type that graphs have here, found {other}."
            ),
        };

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case float number:
                (attribute.Type, attribute.F) = (AttributeType.Float, number);
                break;
            case long number:
                (attribute.Type, attribute.I) = (AttributeType.Int, number);
                break;
            case long[] numbers:
                attribute.Type = AttributeType.Ints;
                attribute.Ints.AddRange(numbers);
                break;
            case string text:
                (attribute.Type, attribute.S) = (AttributeType.String, ByteString.CopyFromUtf8(text));
                break;
            case OnnxGraph body:
                (attribute.Type, attribute.G) = (AttributeType.Graph, body._graph);
                break;
            default:
                throw new ArgumentException($"Attribute {name}: expected a number, numbers, a text or a graph.");
        }
        return attribute;
    }

    private static ValueInfoProto Describe(string name, DataType type, string meaning, object[] shape) =>
        new()
        {
            Name = name,
            DocString = meaning,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)type,
                    Shape = new TensorShapeProto
                    {
                        Dim =
                        {
                            shape.Select(size =>
                                size is string chosen
                                    ? new TensorShapeProto.Types.Dimension { DimParam = chosen }
                                    : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size) }
                            ),
                        },
                    },
                },
            },
        };
}
