using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>Columns that hold a text, or several, which are joined.</summary>
internal static class TextColumn
{
    /// <summary>What stands between the texts of a vector, where nobody says otherwise.</summary>
    public const string DefaultSeparator = " ";

    private const string Role = "text";
    private const string Expected = "String or a vector of String";

    /// <summary>The text column of real data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or no text.</exception>
    public static DataViewSchema.Column Require(IExceptionContext context, DataViewSchema schema, string name) =>
        SchemaChecks.Require(context, schema, Role, name, type => type.GetItemType() is TextDataViewType, Expected);

    /// <summary>The text column that a pipeline promises.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or no text.</exception>
    public static SchemaShape.Column Require(IExceptionContext context, SchemaShape schema, string name) =>
        SchemaChecks.Require(
            context,
            schema,
            Role,
            name,
            column => column.ItemType is TextDataViewType && !column.IsKey,
            Expected
        );

    /// <summary>What gives the current row's text. Empty texts of a vector are left out, and so is the separator beside them.</summary>
    public static Func<string> CreateReader(DataViewRow row, DataViewSchema.Column column, string separator)
    {
        if (column.Type is not VectorDataViewType)
        {
            ValueGetter<ReadOnlyMemory<char>> getText = row.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> text = default;
            return () =>
            {
                getText(ref text);
                return text.ToString();
            };
        }
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getTexts = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> texts = default;
        return () =>
        {
            getTexts(ref texts);
            // Values that a sparse vector does not hold are empty.
            return string.Join(separator, texts.GetValues().ToArray().Where(text => !text.IsEmpty));
        };
    }
}
