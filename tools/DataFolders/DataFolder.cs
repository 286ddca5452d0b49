using Microsoft.ML;

namespace DataFolders;

/// <summary>
/// The items and the interactions of a folder, in the layout that its files show: tables of this repository's kind, or one of
/// MovieLens's. Where a folder has the files of several, the first of this order is read.
/// </summary>
public sealed class DataFolder
{
    private static readonly DataLayout[] s_layouts =
    [
        new TablesLayout(),
        new MovieLens100KLayout(),
        new MovieLensCsvLayout(),
    ];

    private readonly MLContext _mlContext;
    private readonly string _folder;
    private readonly DataLayout _layout;

    /// <param name="mlContext">What makes the data views.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has the files of no layout; the message says what was looked for.</exception>
    public DataFolder(MLContext mlContext, string folder)
    {
        (_mlContext, _folder, _layout) = (mlContext, folder, Find(folder));
    }

    /// <summary>What a folder has to hold, in words.</summary>
    public static string Expected { get; } =
        string.Join(", or ", s_layouts.Select(layout => $"{layout.InteractionsFile} and {layout.ItemsFile}"));

    /// <summary>The name of the file with the interactions.</summary>
    public string InteractionsFile => _layout.InteractionsFile;

    /// <summary>The name of the file with the items.</summary>
    public string ItemsFile => _layout.ItemsFile;

    /// <summary>One row an item: Item and Text.</summary>
    /// <exception cref="InvalidDataException">The file is not what its layout says; the message names what differs.</exception>
    public IDataView Items => field ??= _layout.ReadItems(_mlContext, Path.Combine(_folder, ItemsFile));

    /// <summary>
    /// One row an interaction: User, Item and Time. Time is an Int64, UInt64, Double or DateTime, whichever holds all times of the
    /// file.
    /// </summary>
    /// <exception cref="InvalidDataException">The file has no times, or one that none of these types can hold.</exception>
    public IDataView Interactions =>
        field ??= _layout.ReadInteractions(_mlContext, Path.Combine(_folder, InteractionsFile));

    private static DataLayout Find(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        }
        DataLayout? found = Array.Find(s_layouts, layout => Has(layout.InteractionsFile) && Has(layout.ItemsFile));
        if (found is not null)
        {
            return found;
        }
        string[] there =
        [
            .. s_layouts.SelectMany(layout => new[] { layout.InteractionsFile, layout.ItemsFile }).Where(Has),
        ];
        throw new FileNotFoundException(
            $"Folder '{folder}': expected {Expected}, found "
                + (there.Length > 0 ? $"{string.Join(" and ", there)} alone." : "none of them.")
        );

        bool Has(string file) => File.Exists(Path.Combine(folder, file));
    }
}
