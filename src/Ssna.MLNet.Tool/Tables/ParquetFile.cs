using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Ssna.MLNet.Tool.Tables;

/// <summary>A Parquet file; its columns are those that hold one value a row.</summary>
internal sealed class ParquetFile : TableFile
{
    private readonly DataField[] _fields;

    private ParquetFile(string path)
        : base(path)
    {
        using FileStream file = File.OpenRead(path);
        _fields = [.. Open(file).Schema.GetDataFields().Where(field => field.Path.Length == 1)];
        Columns = [.. _fields.Select(field => field.Name)];
    }

    public override IReadOnlyList<string> Columns { get; }

    public static new TableFile Open(string path) => new ParquetFile(path);

    public override IEnumerable<string[]> Read(IReadOnlyList<int> columns)
    {
        using FileStream file = File.OpenRead(Path);
        ParquetReader reader = Open(file);
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
            string[][] values = [.. columns.Select(column => Texts(rows, _fields[column]))];
            for (int row = 0; row < rows.RowCount; row++)
            {
                yield return Array.ConvertAll(values, column => column[row]);
            }
        }
    }

    // A table is read row by row by code that waits for each: there is nothing to do in the meantime.
    private ParquetReader Open(FileStream file) =>
        Guarded(() => ParquetReader.CreateAsync(file).GetAwaiter().GetResult());

    private string[] Texts(ParquetRowGroupReader rows, DataField field) =>
        Guarded(() =>
            Type.GetTypeCode(field.ClrType) switch
            {
                TypeCode.Byte => Values<byte>(rows, field),
                TypeCode.SByte => Values<sbyte>(rows, field),
                TypeCode.Int16 => Values<short>(rows, field),
                TypeCode.UInt16 => Values<ushort>(rows, field),
                TypeCode.Int32 => Values<int>(rows, field),
                TypeCode.UInt32 => Values<uint>(rows, field),
                TypeCode.Int64 => Values<long>(rows, field),
                TypeCode.UInt64 => Values<ulong>(rows, field),
                TypeCode.Single => Values<float>(rows, field),
                TypeCode.Double => Values<double>(rows, field),
                TypeCode.Decimal => Values<decimal>(rows, field),
                TypeCode.DateTime => Values<DateTime>(rows, field),
                _ when field.ClrType == typeof(ReadOnlyMemory<char>) => Strings(rows, field),
                _ when field.ClrType == typeof(DateOnly) => Values<DateOnly>(rows, field),
                _ when field.ClrType == typeof(Guid) => Values<Guid>(rows, field),
                _ => throw new InvalidDataException(
                    $"column '{field.Name}': expected texts, numbers or times, found {field.ClrType.Name}."
                ),
            }
        );

    private static string[] Strings(ParquetRowGroupReader rows, DataField field)
    {
        var values = new string?[rows.RowCount];
        rows.ReadAsync(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
        return Array.ConvertAll(values, value => value ?? "");
    }

    private static string[] Values<T>(ParquetRowGroupReader rows, DataField field)
        where T : struct, IFormattable
    {
        if (field.IsNullable)
        {
            var values = new T?[rows.RowCount];
            rows.ReadAsync(field, values.AsMemory()).AsTask().GetAwaiter().GetResult();
            return Array.ConvertAll(values, value => value is { } there ? Text(there) : "");
        }
        var all = new T[rows.RowCount];
        rows.ReadAsync(field, all.AsMemory()).AsTask().GetAwaiter().GetResult();
        return Array.ConvertAll(all, Text);
    }

    // Times to their last digit, and so that they sort and are read again as what they are.
    private static string Text<T>(T value)
        where T : struct, IFormattable =>
        value.ToString(value is DateTime or DateOnly ? "O" : null, CultureInfo.InvariantCulture);

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is ParquetException or InvalidDataException or IOException)
        {
            throw new InvalidDataException($"'{Path}': {error.Message}", error);
        }
    }
}
