using Microsoft.ML;
using Microsoft.ML.Data;

namespace DataFolders;

/// <summary>A text file with one row an interaction.</summary>
/// <param name="Separator">What parts its columns.</param>
/// <param name="HasHeader">Whether its first line names them.</param>
/// <param name="TimeColumn">The column of the time, from 0; user and item are the first two.</param>
internal sealed record InteractionsTable(char Separator, bool HasHeader, int TimeColumn)
{
    /// <summary>User and Item as text, Time as the type that holds all times of the file.</summary>
    public IDataView Read(MLContext mlContext, string path)
    {
        IDataView texts = Load(mlContext, path, new TextLoader.Column("Time", DataKind.String, TimeColumn));
        return Load(
            mlContext,
            path,
            new TextLoader.Column("User", DataKind.String, 0),
            new TextLoader.Column("Item", DataKind.String, 1),
            new TextLoader.Column("Time", TimeKind.Of(texts, path, $"column {TimeColumn + 1}"), TimeColumn)
        );
    }

    private IDataView Load(MLContext mlContext, string path, params TextLoader.Column[] columns) =>
        mlContext.Data.LoadFromTextFile(
            path,
            new TextLoader.Options
            {
                Columns = columns,
                Separators = [Separator],
                HasHeader = HasHeader,
                AllowQuoting = Separator == ',',
                MissingRealsAsNaNs = true, // a time that is missing is no 0
            }
        );
}
