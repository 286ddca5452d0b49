using nietras.SeparatedValues;

namespace Ssna.MLNet.Tool.Tables;

/// <summary>
/// A text file with a line of names and then a line a row, in UTF-8. The columns of a .csv are parted by commas, or by semicolons, tabs
/// or bars where the line of names shows those, and may be quoted; those of a .tsv are parted by tabs, and quotes are letters.
/// </summary>
internal sealed class DelimitedFile : TableFile
{
    private readonly bool _isTabSeparated;

    private DelimitedFile(string path, bool isTabSeparated)
        : base(path)
    {
        _isTabSeparated = isTabSeparated;
        using SepReader reader = Guarded(OpenReader);
        Columns = [.. reader.Header.ColNames];
    }

    public override IReadOnlyList<string> Columns { get; }

    public static TableFile Csv(string path) => new DelimitedFile(path, isTabSeparated: false);

    public static TableFile Tsv(string path) => new DelimitedFile(path, isTabSeparated: true);

    public override IEnumerable<string[]> Read(IReadOnlyList<int> columns)
    {
        using SepReader reader = Guarded(OpenReader);
        while (Guarded(reader.MoveNext))
        {
            yield return Values(reader.Current, columns);
        }
    }

    private SepReader OpenReader() =>
        Sep.Reader(options =>
                options with
                {
                    Sep = _isTabSeparated ? new Sep('\t') : null,
                    DisableQuotesParsing = _isTabSeparated,
                    Unescape = !_isTabSeparated,
                }
            )
            .FromFile(Path);

    private static string[] Values(SepReader.Row row, IReadOnlyList<int> columns)
    {
        var values = new string[columns.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = row[columns[i]].ToString();
        }
        return values;
    }

    // Such as a row of more columns than there are names; the reader's message tells the line.
    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"'{Path}': {error.Message}", error);
        }
    }
}
