using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>
/// Looks columns up by name: the one place that does. Each failure is, as ML.NET's own, an
/// <see cref="ArgumentOutOfRangeException"/> that names the column's role and name, what was expected, and what was found.
/// </summary>
internal static class SchemaChecks
{
    private const string ParameterName = "inputSchema";
    private const int ListedColumns = 30;

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
        DataViewSchema.Column column = Find(context, schema, role, name);
        return accepts(column.Type) ? column : throw Mismatch(context, role, name, expected, column.Type.ToString()!);
    }

    /// <summary>The column of real data, whatever its type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such column.</exception>
    public static DataViewSchema.Column Find(
        IExceptionContext context,
        DataViewSchema schema,
        string role,
        string name
    ) => schema.GetColumnOrNull(name) ?? throw Missing(context, role, name, schema.Select(column => column.Name));

    /// <summary>The column that a pipeline promises; otherwise as for real data.</summary>
    /// <param name="context">As for real data.</param>
    /// <param name="schema">As for real data.</param>
    /// <param name="role">As for real data.</param>
    /// <param name="name">As for real data.</param>
    /// <param name="accepts">Whether the column will do.</param>
    /// <param name="expected">As for real data.</param>
    /// <param name="advice">What to do where the column is missing, or null.</param>
    public static SchemaShape.Column Require(
        IExceptionContext context,
        SchemaShape schema,
        string role,
        string name,
        Func<SchemaShape.Column, bool> accepts,
        string expected,
        string? advice = null
    )
    {
        SchemaShape.Column column = Find(context, schema, role, name, advice);
        return accepts(column) ? column : throw Mismatch(context, role, name, expected, column.GetTypeString());
    }

    /// <summary>The column that a pipeline promises, whatever its type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such column.</exception>
    public static SchemaShape.Column Find(
        IExceptionContext context,
        SchemaShape schema,
        string role,
        string name,
        string? advice = null
    ) =>
        schema.TryFindColumn(name, out SchemaShape.Column column)
            ? column
            : throw Missing(context, role, name, schema.Select(other => other.Name), advice);

    private static ArgumentOutOfRangeException Missing(
        IExceptionContext context,
        string role,
        string name,
        IEnumerable<string> inputSchema,
        string? advice = null
    )
    {
        string[] found = [.. inputSchema.Distinct()];
        string listed = string.Join(", ", found.Take(ListedColumns));
        string more = found.Length > ListedColumns ? $" and {found.Length - ListedColumns} more" : "";
        return context.Process(
            new ArgumentOutOfRangeException(
                nameof(inputSchema),
                $"Could not find {role} column '{name}' among the columns {listed}{more}.{(advice is null ? "" : $" {advice}")}"
            )
        );
    }

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
