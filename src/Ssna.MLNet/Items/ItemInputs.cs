using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using static TorchSharp.torch;

namespace Ssna.MLNet.Items;

/// <summary>What is read of a table of items, beside their ids, to embed them from; saved with a transformer.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "Kind")]
[JsonDerivedType(typeof(FeatureInputs), "Features")]
[JsonDerivedType(typeof(IdInputs), "Ids")]
[JsonDerivedType(typeof(TextInputs), "Text")]
internal abstract record ItemInputs
{
    /// <summary>Whether an item that was not trained on can be embedded from them.</summary>
    [JsonIgnore]
    public virtual bool DescribeNewItems => true;

    /// <summary>Whether a schema has the columns that are read; without them, the item pipeline has to make them.</summary>
    public abstract bool AreIn(DataViewSchema items);

    /// <summary>Checks the columns of a schema, real or promised, as far as a schema tells.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public abstract void CheckColumns(IExceptionContext context, SchemaShape items);

    /// <summary>The same, of the width that was found in the items trained on: what items added later must have.</summary>
    public virtual ItemInputs Of(Tensor values) => this;

    /// <summary>Reads ids and inputs in one pass.</summary>
    /// <param name="context">Where exceptions are marked as coming from.</param>
    /// <param name="items">The table.</param>
    /// <param name="itemColumn">The column of ids.</param>
    /// <param name="run">What stops it, before a row.</param>
    /// <param name="idType">The type that the ids must have, or null for any.</param>
    /// <param name="ranks">Who reads it, each all of it, to keep the inputs of the items that it holds; null for one process.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type or shape.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, an id is missing or there twice, or an item's inputs are missing or unusable.
    /// </exception>
    public abstract ItemTable Read(
        IExceptionContext context,
        IDataView items,
        string itemColumn,
        RunContext run,
        PrimitiveDataViewType? idType = null,
        Ranks? ranks = null
    );

    /// <summary>Refuses a table without rows.</summary>
    private protected static void RequireRows(IExceptionContext context, ItemIds ids, string columns)
    {
        if (ids.Count == 0)
        {
            throw context.Fault($"{columns}: expected at least one item, found no rows.");
        }
    }
}
