using DataFolders;
using Microsoft.ML;

namespace GpuCheck;

/// <summary>The encoder and the tables that checks run on.</summary>
/// <param name="Encoder">The encoder's folder.</param>
/// <param name="Data">The folder of items and interactions.</param>
internal sealed record Inputs(string Encoder, string Data)
{
    /// <summary>What was asked for, else what lies beside the program: what was packed, or QuickStart's.</summary>
    public static Inputs Find(DirectoryInfo? model, DirectoryInfo? data)
    {
        string sample = Path.Combine(AppContext.BaseDirectory, "sample");
        return new(model?.FullName ?? sample, data?.FullName ?? sample);
    }

    public IDataView Items(MLContext context) => new DataFolder(context, Data).Items;

    /// <summary>One row a user, oldest item first.</summary>
    public IDataView Sequences(MLContext context) =>
        context.Data.GroupIntoSequences(new DataFolder(context, Data).Interactions);
}
