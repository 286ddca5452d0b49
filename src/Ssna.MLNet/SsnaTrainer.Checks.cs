using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Columns;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Trainers.Recommender;

// What can be told from names, types and options alone.
public sealed partial class SsnaTrainer
{
    /// <summary>The columns of the transformer's output, given those of its input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        ItemInputs inputs = _options.Adaptation.Inputs();
        PrimitiveDataViewType idType = CheckSchemas(inputSchema, inputs, _options.StartFrom);
        TransformerSettings settings = _options.ForTransformer(inputs, _options.StartFrom);
        return SchemaChecks.With(inputSchema, RecommendationColumns.Promised(settings, idType));
    }

    // Everything that names and types alone can tell, before hours of work begin. Gives the type of the ids.
    private PrimitiveDataViewType CheckSchemas(SchemaShape input, ItemInputs inputs, SsnaTransformer? start)
    {
        SchemaShape items = SchemaShape.Create(_options.Items!.Schema);
        items =
            _options.ItemPipeline?.GetOutputSchema(items)
            ?? start?.PipelineSchema(_options.Items.Schema, inputs)
            ?? items;
        PrimitiveDataViewType idType = IdColumn.Require(_host, items, _options.ItemColumnName, "item", vector: false);
        inputs.CheckColumns(_host, items);
        IdColumn.Require(_host, input, _options.SequenceColumnName, "sequence", vector: true, idType);
        if (_options.ValidationSet is { } validation)
        {
            SchemaShape schema = SchemaShape.Create(validation.Schema);
            IdColumn.Require(_host, schema, _options.SequenceColumnName, "validation sequence", vector: true, idType);
            IdColumn.Require(
                _host,
                schema,
                _options.ValidationLabelColumnName,
                "validation label",
                vector: false,
                idType
            );
        }
        return idType;
    }

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, in any of the inputs.</exception>
    internal void CheckColumns(IDataView input, ItemInputs inputs) => CheckColumns(input, inputs, _options.StartFrom);

    private void CheckColumns(IDataView input, ItemInputs inputs, SsnaTransformer? startFrom)
    {
        OptionsChecks.Require(
            startFrom is not null || _options.FrozenPart == FrozenPart.None,
            _options.FrozenPart,
            nameof(_options.FrozenPart),
            "None without a model to start from (option StartFrom): what is frozen would stay random"
        );
        if (startFrom is not null && _options.Adaptation.OtherStart is { } other)
        {
            OptionsChecks.Require(
                false,
                $"'{other.Value}'",
                other.Option,
                "null with StartFrom, which has what is gone on with"
            );
        }
        CheckSchemas(SchemaShape.Create(input.Schema), inputs, startFrom);
    }
}
