using Microsoft.ML;
using Microsoft.ML.Data;

namespace GpuCheck;

/// <summary>The encoder and the tables that checks run on.</summary>
/// <param name="Encoder">The encoder's folder.</param>
/// <param name="Data">The folder of items.tsv and interactions.tsv.</param>
internal sealed record Inputs(string Encoder, string Data)
{
    /// <summary>What was asked for, else what lies beside the program: what was packed, or QuickStart's.</summary>
    public static Inputs Find(DirectoryInfo? model, DirectoryInfo? data)
    {
        string sample = Path.Combine(AppContext.BaseDirectory, "sample");
        return new(model?.FullName ?? sample, data?.FullName ?? sample);
    }

    public IDataView Items(MLContext context) =>
        context.Data.LoadFromTextFile(
            Path.Combine(Data, "items.tsv"),
            [new("Item", DataKind.String, 0), new("Text", DataKind.String, 1)],
            hasHeader: true
        );

    /// <summary>One row a user, oldest item first; the third column of the table is a number, or a date.</summary>
    public IDataView Sequences(MLContext context)
    {
        string path = Path.Combine(Data, "interactions.tsv");
        bool number = long.TryParse(File.ReadLines(path).Skip(1).First().Split('\t')[2], out long _);
        IDataView interactions = context.Data.LoadFromTextFile(
            path,
            [
                new("User", DataKind.String, 0),
                new("Item", DataKind.String, 1),
                new("Time", number ? DataKind.Int64 : DataKind.DateTime, 2),
            ],
            hasHeader: true
        );
        return context.Data.GroupIntoSequences(interactions);
    }
}
