namespace Ssna.MLNet.Tool.Tables;

/// <summary>A file of rows with named columns, whose values are read as texts.</summary>
/// <param name="path">The file.</param>
internal abstract class TableFile(string path)
{
    private static readonly (string Extension, Func<string, TableFile> Open)[] s_kinds =
    [
        (".csv", DelimitedFile.Csv),
        (".tsv", DelimitedFile.Tsv),
        (".jsonl", JsonLinesFile.Open),
        (".ndjson", JsonLinesFile.Open),
        (".parquet", ParquetFile.Open),
    ];

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>What its columns are called.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Opens a file by its extension.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is of no kind that is known, or has no columns.</exception>
    public static TableFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        }
        string extension = System.IO.Path.GetExtension(path);
        Func<string, TableFile> open =
            Array.Find(s_kinds, kind => kind.Extension.Equals(extension, StringComparison.OrdinalIgnoreCase)).Open
            ?? throw new InvalidDataException(
                $"'{path}': expected a file that ends in {string.Join(", ", s_kinds.Select(kind => kind.Extension))}, found '{extension}'."
            );
        TableFile table = open(path);
        return table.Columns.Count > 0
            ? table
            : throw new InvalidDataException($"'{path}': expected columns with names, found none.");
    }

    /// <summary>Reads the file from its start: of every row the values of some columns, empty where one is missing.</summary>
    /// <param name="columns">Which, by their places in <see cref="Columns"/>.</param>
    /// <exception cref="InvalidDataException">A row is not as the others; the message names its line.</exception>
    public abstract IEnumerable<string[]> Read(IReadOnlyList<int> columns);
}
