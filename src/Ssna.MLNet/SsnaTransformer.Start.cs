using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;

namespace Microsoft.ML.Trainers.Recommender;

// What a training needs that starts from this model.
public sealed partial class SsnaTransformer
{
    /// <summary>Keeps the model's memory until what it returns is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    internal Lifetime.Use Use() => _memory.Begin();

    /// <summary>What tells it from other models to start from.</summary>
    internal string Hash() => new StartingModel(_catalogue.Model, _catalogue.TrainedRows ?? []).Hash();

    /// <summary>The fitted item pipeline, one user more; null where there is none.</summary>
    internal Shared<ITransformer>? SharePipeline() => _itemPipeline?.Share();

    /// <summary>Whether tables of items had columns of the features' names before the item pipeline made its own.</summary>
    internal bool HasInputsBeforePipeline => _settings.InputsBeforePipeline;

    /// <summary>Whether the item pipeline has still to make what is read of a table of items.</summary>
    /// <param name="items">The table's columns.</param>
    /// <param name="inputs">What is read of it.</param>
    internal bool NeedsPipeline(DataViewSchema items, ItemInputs inputs) =>
        _itemPipeline is not null && (_settings.InputsBeforePipeline || !inputs.AreIn(items));

    /// <summary>The columns that the item pipeline makes of a table of items, where it has to; null where it has not.</summary>
    internal SchemaShape? PipelineSchema(DataViewSchema items, ItemInputs inputs) =>
        NeedsPipeline(items, inputs) ? SchemaShape.Create(_itemPipeline!.Value.GetOutputSchema(items)) : null;

    /// <summary>The model as a training starts from it.</summary>
    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="ids">The items of the training.</param>
    /// <param name="inputs">What the training reads of them.</param>
    /// <exception cref="InvalidOperationException">Ids or tokens are of another kind than the model's.</exception>
    internal StartingModel Starting(IExceptionContext context, ItemIds ids, ItemInputs inputs)
    {
        if (!ids.Type.Equals(_ids.Type))
        {
            throw context.Fault(
                $"Option StartFrom: expected a model of item ids of type {ids.Type}, as the items have them, found {_ids.Type}."
            );
        }
        if (inputs is TextInputs texts && _settings.Inputs is TextInputs trained && !texts.HasTokenizerOf(trained))
        {
            throw context.Fault(
                "Option StartFrom: expected a model trained on the tokens of the tokenizer in Adaptation.Encoder, found one whose "
                    + "tokenizer has other files."
            );
        }
        _ = _ids.With(ids, out int[] positions);
        int[]? rows = _catalogue.TrainedRows;
        return new StartingModel(
            _catalogue.Model,
            Array.ConvertAll(
                positions,
                position =>
                    position >= _ids.Count ? -1
                    : rows is null ? position
                    : rows[position]
            )
        );
    }
}
