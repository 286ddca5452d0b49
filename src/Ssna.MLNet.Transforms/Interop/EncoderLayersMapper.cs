using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Features;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>Binds an encoder to a text column, or one of several texts: a window of rows is extracted at once.</summary>
internal sealed class EncoderLayersMapper(
    IHost host,
    DataViewSchema inputSchema,
    string outputColumn,
    string inputColumn,
    string separator,
    VectorDataViewType outputType,
    LayerExtractor extractor,
    int lookAheadRows,
    Lifetime memory,
    CancellationToken cancellation
)
    : BlockMapper(
        host,
        inputSchema,
        [new OutputColumn(outputColumn, outputType, [TextColumn.Require(host, inputSchema, inputColumn)])],
        lookAheadRows,
        memory,
        cancellation
    )
{
    protected internal override BlockComputation CreateComputation(DataViewRow input, IReadOnlyList<bool> active) =>
        new Computation(this, extractor, TextColumn.CreateReader(input, Outputs[0].InputColumns[0], separator));

    private sealed class Computation(EncoderLayersMapper mapper, LayerExtractor extractor, Func<string> readText)
        : BlockComputation
    {
        private readonly List<string> _texts = [];
        private float[][]? _layers;

        protected override void Clear()
        {
            _texts.Clear();
            _layers = null;
        }

        protected override void GatherRow(int row) => _texts.Add(readText());

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
