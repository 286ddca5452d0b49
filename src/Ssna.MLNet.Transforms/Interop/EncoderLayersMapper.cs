using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Features;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>Binds an encoder to a text column: a window of rows is extracted at once.</summary>
internal sealed class EncoderLayersMapper(
    IHost host,
    DataViewSchema inputSchema,
    string outputColumn,
    string inputColumn,
    VectorDataViewType outputType,
    LayerExtractor extractor,
    int lookAheadRows,
    Lifetime memory,
    CancellationToken cancellation
)
    : BlockMapper(
        host,
        inputSchema,
        [new OutputColumn(outputColumn, outputType, [CheckInput(host, inputSchema, inputColumn)])],
        lookAheadRows,
        memory,
        cancellation
    )
{
    private const string Role = "text";

    /// <summary>The text column of real data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or no text.</exception>
    public static DataViewSchema.Column CheckInput(IExceptionContext context, DataViewSchema schema, string name) =>
        SchemaChecks.Require(context, schema, Role, name, type => type is TextDataViewType, "String");

    /// <summary>The text column that a pipeline promises.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or no text.</exception>
    public static SchemaShape.Column CheckInput(IExceptionContext context, SchemaShape schema, string name) =>
        SchemaChecks.Require(
            context,
            schema,
            Role,
            name,
            column =>
                column.Kind == SchemaShape.Column.VectorKind.Scalar
                && column.ItemType is TextDataViewType
                && !column.IsKey,
            "String"
        );

    protected internal override BlockComputation CreateComputation(DataViewRow input, IReadOnlyList<bool> active) =>
        new Computation(this, extractor, input.GetGetter<ReadOnlyMemory<char>>(Outputs[0].InputColumns[0]));

    private sealed class Computation(
        EncoderLayersMapper mapper,
        LayerExtractor extractor,
        ValueGetter<ReadOnlyMemory<char>> text
    ) : BlockComputation
    {
        private readonly List<string> _texts = [];
        private float[][]? _layers;

        protected override void Clear()
        {
            _texts.Clear();
            _layers = null;
        }

        protected override void GatherRow(int row)
        {
            ReadOnlyMemory<char> value = default;
            text(ref value);
            _texts.Add(value.ToString());
        }

        public override Delegate CreateGetter(int output) =>
            (ValueGetter<VBuffer<float>>)(
                (ref VBuffer<float> value) =>
                {
                    _layers ??= extractor.Extract(_texts, () => mapper.CheckAlive(this));
                    VBufferEditor<float> editor = VBufferEditor.Create(ref value, extractor.ValueLength);
                    _layers[Row].CopyTo(editor.Values);
                    value = editor.Commit();
                }
            );
    }
}
