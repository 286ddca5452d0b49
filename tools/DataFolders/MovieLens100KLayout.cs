using System.Text;
using Microsoft.ML;

namespace DataFolders;

/// <summary>
/// MovieLens-100k's: <c>u.data</c> (user, item, rating, epoch seconds; tabs, no header) and <c>u.item</c> (id, title, release date,
/// video release date, address, and a 0 or 1 for each of 19 genres; <c>|</c>, Latin-1, no header).
/// </summary>
internal sealed class MovieLens100KLayout : DataLayout
{
    private const int FirstGenre = 5;

    // In the order of u.genre; the first says that nothing is known.
    private static readonly string[] s_genres =
    [
        "unknown",
        "Action",
        "Adventure",
        "Animation",
        "Children's",
        "Comedy",
        "Crime",
        "Documentary",
        "Drama",
        "Fantasy",
        "Film-Noir",
        "Horror",
        "Musical",
        "Mystery",
        "Romance",
        "Sci-Fi",
        "Thriller",
        "War",
        "Western",
    ];

    public override string InteractionsFile => "u.data";

    public override string ItemsFile => "u.item";

    public override IDataView ReadInteractions(MLContext mlContext, string path) =>
        new InteractionsTable('\t', HasHeader: false, TimeColumn: 3).Read(mlContext, path);

    // ML.NET's loader reads UTF-8 alone.
    public override IDataView ReadItems(MLContext mlContext, string path) =>
        mlContext.Data.LoadFromEnumerable(
            File.ReadLines(path, Encoding.Latin1)
                .Index()
                .Where(line => line.Item.Length > 0)
                .Select(line => Read(line.Item, $"{path}, line {line.Index + 1}"))
                .ToArray()
        );

    private static Movie Read(string line, string where)
    {
        string[] fields = line.Split('|');
        if (fields.Length != FirstGenre + s_genres.Length)
        {
            throw new InvalidDataException(
                $"{where}: expected {FirstGenre + s_genres.Length} fields parted by |, found {fields.Length}."
            );
        }
        return Movie.Of(fields[0], fields[1], [.. s_genres.Where((_, i) => i > 0 && fields[FirstGenre + i] == "1")]);
    }
}
