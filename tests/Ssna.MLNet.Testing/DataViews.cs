using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Testing;

/// <summary>Writes rows of any columns as text in which equal lines mean equal values, to the last bit of a float.</summary>
public static class DataViews
{
    /// <summary>One line a row, with position, row id and the columns named (all that are not hidden where none is).</summary>
    public static IReadOnlyList<string> Lines(IDataView data, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(data);
        using DataViewRowCursor cursor = data.GetRowCursor(Columns(data.Schema, columns));
        return Lines(cursor, columns);
    }

    /// <summary>The lines of what is left of a cursor.</summary>
    public static IReadOnlyList<string> Lines(DataViewRowCursor cursor, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        Func<string>[] values = [.. Columns(cursor.Schema, columns).Select(column => Value(cursor, column))];
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        var lines = new List<string>();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            getId(ref id);
            lines.Add($"{cursor.Position} #{id}: {string.Join(" | ", values.Select(value => value()))}");
        }
        return lines;
    }

    /// <summary>The rows' values of one column, each as text.</summary>
    public static IReadOnlyList<string> Values(IDataView data, string column)
    {
        ArgumentNullException.ThrowIfNull(data);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column]]);
        Func<string> value = Value(cursor, data.Schema[column]);
        var values = new List<string>();
        while (cursor.MoveNext())
        {
            values.Add(value());
        }
        return values;
    }

    /// <summary>What writes the column's value of the row's present position.</summary>
    public static Func<string> Value(DataViewRow row, DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(column.Type);
        (string method, Type type) = column.Type is VectorDataViewType vector
            ? (nameof(Vector), vector.ItemType.RawType)
            : (nameof(Scalar), column.Type.RawType);
        return (Func<string>)
            typeof(DataViews)
                .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type)
                .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [row, column], null)!;
    }

    private static IEnumerable<DataViewSchema.Column> Columns(DataViewSchema schema, string[] names) =>
        names.Length > 0 ? names.Select(name => schema[name]) : schema.Where(column => !column.IsHidden);

    private static Func<string> Scalar<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return Text(value);
        };
    }

    // One buffer for all rows, as a trainer would use it.
    private static Func<string> Vector<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return $"{value.Length}[{string.Join(",", value.DenseValues().Select(Text))}]";
        };
    }

    private static string Text<T>(T value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
