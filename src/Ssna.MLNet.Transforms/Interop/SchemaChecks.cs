using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>
/// Looks columns up by name. Each failure is ML.NET's own: an <see cref="ArgumentOutOfRangeException"/> that names the
/// column's role and name, what was expected, and what was found.
/// </summary>
internal static class SchemaChecks
{
    private const string ParameterName = "inputSchema";

    /// <summary>The column of real data.</summary>
    /// <param name="context">Where the exception is marked as coming from.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="role">What the column is for, such as "text" or "sequence".</param>
    /// <param name="name">Its name.</param>
    /// <param name="accepts">Whether its type will do.</param>
    /// <param name="expected">The types that will do, in words.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such column, or one of another type.</exception>
    public static DataViewSchema.Column Require(
        IExceptionContext context,
        DataViewSchema schema,
        string role,
        string name,
        Func<DataViewType, bool> accepts,
        string expected
    )
    {
        if (schema.GetColumnOrNull(name) is not { } column)
        {
            throw Missing(context, role, name);
        }
        return accepts(column.Type) ? column : throw Mismatch(context, role, name, expected, column.Type.ToString()!);
    }

    /// <summary>The column that a pipeline promises; otherwise as for real data.</summary>
    public static SchemaShape.Column Require(
        IExceptionContext context,
        SchemaShape schema,
        string role,
        string name,
        Func<SchemaShape.Column, bool> accepts,
        string expected
    )
    {
        if (!schema.TryFindColumn(name, out SchemaShape.Column column))
        {
            throw Missing(context, role, name);
        }
        return accepts(column) ? column : throw Mismatch(context, role, name, expected, column.GetTypeString());
    }

    /// <summary>The exception for a column that is not there.</summary>
    public static Exception Missing(IExceptionContext context, string role, string name) =>
        context.ExceptSchemaMismatch(ParameterName, role, name);

    /// <summary>The exception for a column of the wrong type.</summary>
    public static Exception Mismatch(
        IExceptionContext context,
        string role,
        string name,
        string expected,
        string found
    ) => context.ExceptSchemaMismatch(ParameterName, role, name, expected, found);

    /// <summary>The schema with columns added; one of the same name is replaced.</summary>
    public static SchemaShape With(SchemaShape schema, params IEnumerable<SchemaShape.Column> added)
    {
        var columns = schema.ToDictionary(column => column.Name);
        foreach (SchemaShape.Column column in added)
        {
            columns[column.Name] = column;
        }
        return new SchemaShape(columns.Values);
    }
}
