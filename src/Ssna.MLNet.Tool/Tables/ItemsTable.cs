using Microsoft.ML;

namespace Ssna.MLNet.Tool.Tables;

/// <summary>An item as a row: what it is known by, and its text.</summary>
internal sealed class ItemRow
{
    public string Item { get; set; } = "";

    public string Text { get; set; } = "";
}

/// <summary>A table of items that was read.</summary>
/// <param name="Rows">One row an item, in the order of the file.</param>
/// <param name="From">Which columns of which file it was, in words.</param>
internal sealed record ItemsTable(IReadOnlyList<ItemRow> Rows, string From)
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="id">The column of the id; null for the usual names.</param>
    /// <param name="texts">The columns of the text, joined by a space; empty for the usual names.</param>
    /// <exception cref="InvalidDataException">The file is not as it should be; the message says what is missing.</exception>
    public static ItemsTable Read(string path, string? id, IReadOnlyList<string> texts)
    {
        TableFile table = TableFile.Open(path);
        int[] columns = [ColumnNames.Id(table, id), .. ColumnNames.Text(table, texts)];
        ItemRow[] rows =
        [
            .. table
                .Read(columns)
                .Select(values => new ItemRow
                {
                    Item = values[0].Trim(),
                    Text = string.Join(' ', values.Skip(1).Select(text => text.Trim()).Where(text => text.Length > 0)),
                }),
        ];
        if (rows.Length == 0)
        {
            throw new InvalidDataException($"'{path}': expected a row an item, found none.");
        }
        string parts = string.Join(", ", columns.Skip(1).Select(column => $"'{table.Columns[column]}'"));
        return new(rows, $"items of {Path.GetFileName(path)}: id '{table.Columns[columns[0]]}', text {parts}");
    }

    /// <summary>The rows with the columns Item and Text, as models of the command read them.</summary>
    public IDataView ToDataView(MLContext mlContext) => mlContext.Data.LoadFromEnumerable(Rows);
}
