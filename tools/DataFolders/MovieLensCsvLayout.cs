using Microsoft.ML;
using Microsoft.ML.Data;

namespace DataFolders;

/// <summary>
/// That of MovieLens's later sets: <c>ratings.csv</c> (user, film, rating, epoch seconds) and <c>movies.csv</c> (film, title, genres
/// parted by <c>|</c>), comma-separated with quotes, UTF-8, each with a header line.
/// </summary>
internal sealed class MovieLensCsvLayout : DataLayout
{
    private const string NoGenres = "(no genres listed)";

    public override string InteractionsFile => "ratings.csv";

    public override string ItemsFile => "movies.csv";

    public override IDataView ReadInteractions(MLContext mlContext, string path) =>
        new InteractionsTable(',', HasHeader: true, TimeColumn: 3).Read(mlContext, path);

    public override IDataView ReadItems(MLContext mlContext, string path)
    {
        IDataView rows = mlContext.Data.LoadFromTextFile(
            path,
            [
                new(nameof(Row.Id), DataKind.String, 0),
                new(nameof(Row.Title), DataKind.String, 1),
                new(nameof(Row.Genres), DataKind.String, 2),
            ],
            separatorChar: ',',
            hasHeader: true,
            allowQuoting: true
        );
        return mlContext.Data.LoadFromEnumerable(
            mlContext.Data.CreateEnumerable<Row>(rows, reuseRowObject: true).Select(row => row.ToMovie()).ToArray()
        );
    }

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string Title { get; set; } = "";

        public string Genres { get; set; } = "";

        public Movie ToMovie() =>
            Movie.Of(Id, Title, Genres == NoGenres ? [] : Genres.Split('|', StringSplitOptions.RemoveEmptyEntries));
    }
}
