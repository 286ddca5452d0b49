using System.CommandLine;
using Microsoft.ML;
using Tools;
using VectorIndex;

var items = new Option<int>("--items")
{
    Description = "Items of the generated shop; 0 for the sample shop alone.",
    DefaultValueFactory = _ => 20_000,
};
var folder = new Option<DirectoryInfo>("--out")
{
    Description = "Where the embeddings are written.",
    DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "vector-index")),
};
var root = new RootCommand(
    "Takes a recommender's embeddings to files and to an index, and compares what the index finds."
)
{
    items,
    folder,
};
root.SetAction(
    async (result, cancellation) =>
    {
        try
        {
            await RunAsync(result.GetValue(items), result.GetRequiredValue(folder), cancellation);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 130; // the shell's code for Ctrl+C
        }
    }
);
return await TerminationSignals.InvokeAsync(root, args);

static async Task RunAsync(int items, DirectoryInfo folder, CancellationToken cancellation)
{
    var mlContext = new MLContext(seed: 1);
    Console.WriteLine("The sample shop");
    using (Shop shop = SampleShop.Train(mlContext, cancellation))
    {
        await VectorFiles.WriteAsync(mlContext, shop, folder.CreateSubdirectory("sample"), cancellation);
        Comparison.Run(mlContext, shop, cancellation);
    }
    if (items > 0)
    {
        Console.WriteLine("A generated shop");
        using Shop shop = GeneratedShop.Train(mlContext, items, cancellation);
        await VectorFiles.WriteAsync(mlContext, shop, folder.CreateSubdirectory("generated"), cancellation);
        Comparison.Run(mlContext, shop, cancellation);
    }
}
