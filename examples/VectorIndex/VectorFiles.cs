using System.Diagnostics;
using Microsoft.ML;

namespace VectorIndex;

/// <summary>Embeddings as files that other systems read.</summary>
internal static class VectorFiles
{
    public static async Task WriteAsync(
        MLContext mlContext,
        Shop shop,
        DirectoryInfo folder,
        CancellationToken cancellation
    )
    {
        IDataView items = shop.Model.GetItemEmbeddings();
        await WriteAsync(
            "items.parquet",
            path => mlContext.Data.SaveAsParquetAsync(items, path, cancellationToken: cancellation)
        );
        await WriteAsync(
            "items.safetensors",
            path =>
                Task.Run(
                    () => mlContext.Data.SaveAsSafetensors(items, path, cancellationToken: cancellation),
                    cancellation
                )
        );
        await WriteAsync(
            "users.parquet",
            path =>
                mlContext.Data.SaveAsParquetAsync(
                    shop.UserEmbeddings(mlContext),
                    path,
                    nameof(Customer.User),
                    cancellationToken: cancellation
                )
        );

        async Task WriteAsync(string name, Func<string, Task> write)
        {
            var file = new FileInfo(Path.Combine(folder.FullName, name));
            long start = Stopwatch.GetTimestamp();
            await write(file.FullName);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            file.Refresh();
            Console.WriteLine($"  {name}: {file.Length / 1e6:N1} MB in {time.TotalSeconds:N1} s");
        }
    }
}
