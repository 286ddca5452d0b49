using Microsoft.ML;
using Microsoft.ML.Data;

namespace DataFolders;

/// <summary>
/// This repository's own: <c>interactions.tsv</c> (user, item, and a time or whatever grows with it) and <c>items.tsv</c> (item,
/// text), UTF-8, each with a header line.
/// </summary>
internal sealed class TablesLayout : DataLayout
{
    public override string InteractionsFile => "interactions.tsv";

    public override string ItemsFile => "items.tsv";

    public override IDataView ReadInteractions(MLContext mlContext, string path) =>
        new InteractionsTable('\t', HasHeader: true, TimeColumn: 2).Read(mlContext, path);

    public override IDataView ReadItems(MLContext mlContext, string path) =>
        mlContext.Data.LoadFromTextFile(
            path,
            [new("Item", DataKind.String, 0), new("Text", DataKind.String, 1)],
            hasHeader: true
        );
}
