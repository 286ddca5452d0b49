using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Tests.Sequences;

/// <summary>Reads views of users, sequences and labels back, as text whatever the ids' type.</summary>
internal static class SequenceRows
{
    /// <summary>Each row as "user: items" or "user: items > label".</summary>
    public static string[] Read(IDataView view)
    {
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        return Read(cursor);
    }

    public static string[] Read(DataViewRowCursor cursor)
    {
        Func<string> user = Scalar(cursor, "User");
        Func<string> sequence = Vector(cursor, "Sequence");
        Func<string>? label = cursor.Schema.GetColumnOrNull("Label") is null ? null : Scalar(cursor, "Label");
        List<string> rows = [];
        while (cursor.MoveNext())
        {
            rows.Add($"{user()}: {sequence()}" + (label is null ? "" : $" > {label()}"));
        }
        return [.. rows];
    }

    private static Func<string> Scalar(DataViewRow row, string name) =>
        row.Schema[name].Type.RawType switch
        {
            var type when type == typeof(int) => One<int>(row, name),
            var type when type == typeof(uint) => One<uint>(row, name),
            var type when type == typeof(long) => One<long>(row, name),
            _ => One<ReadOnlyMemory<char>>(row, name),
        };

    private static Func<string> Vector(DataViewRow row, string name) =>
        row.Schema[name].Type is VectorDataViewType { ItemType.RawType: var type }
            ? type == typeof(int)
                ? Many<int>(row, name)
                : type == typeof(uint)
                    ? Many<uint>(row, name)
                    : type == typeof(long)
                        ? Many<long>(row, name)
                        : Many<ReadOnlyMemory<char>>(row, name)
            : throw new InvalidOperationException($"'{name}' is no vector.");

    private static Func<string> One<T>(DataViewRow row, string name)
    {
        ValueGetter<T> getter = row.GetGetter<T>(row.Schema[name]);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return $"{value}";
        };
    }

    private static Func<string> Many<T>(DataViewRow row, string name)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(row.Schema[name]);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return string.Join(" ", value.DenseValues());
        };
    }
}
