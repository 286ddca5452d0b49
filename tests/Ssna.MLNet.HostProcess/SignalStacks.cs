using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.HostProcess;

internal static class SignalStacks
{
    /// <summary>The smallest case: on one thread, a row through the encoder in Auto, and a null reference; then training on another.</summary>
    public static int CatchAfterExtraction(string encoder)
    {
        var mlContext = new MLContext(1);
        IDataView rows = mlContext.Data.LoadFromEnumerable([new MainJob.Item { Id = "1", Text = "red pan" }]);
        using EncoderLayersTransformer model = mlContext
            .Transforms.Text.ExtractEncoderLayers("Layers", "Text", encoder, layers: 1)
            .Fit(rows);
        _ = model.Transform(rows).GetColumn<float[]>("Layers").Single();
        Console.WriteLine($"{model.Precision} {SignalStack.SizeOfThread()} {Caught()}");
        OnThread(() =>
        {
            SsnaTrainer.Options options = MainJob.Options(mlContext);
            options.Adaptation = new ItemAdaptation.ItemIds();
            using SsnaTransformer trained = mlContext
                .Recommendation()
                .Trainers.Ssna(options)
                .Fit(MainJob.Users(mlContext));
            Console.WriteLine($"trained {SignalStack.SizeOfThread()} {Caught()}");
        });
        return 0;
    }

    /// <summary>For each of a few threads: the stack before, after and after a nested use; then what many leave behind.</summary>
    public static int Run(int threads)
    {
        OnThread(() =>
        {
            long before = SignalStack.SizeOfThread();
            SignalStack.Enlarge();
            bool caught = Caught();
            SignalStack.Enlarge(); // nested, or the next piece of work
            Console.WriteLine($"{before < SignalStack.Size} {SignalStack.SizeOfThread()} {caught && Caught()}");
        });
        // As many at once as there may be in a service, so that later ones find stacks of threads that are gone.
        using (var all = new Barrier(8))
        {
            Thread[] together =
            [
                .. Enumerable
                    .Range(0, 8)
                    .Select(i => new Thread(() =>
                    {
                        SignalStack.Enlarge();
                        all.SignalAndWait();
                        _ = Caught();
                    })),
            ];
            Array.ForEach(together, thread => thread.Start());
            Array.ForEach(together, thread => thread.Join());
        }
        int mapped = Mappings();
        for (int i = 0; i < threads; i++)
        {
            OnThread(() =>
            {
                SignalStack.Enlarge();
                _ = Caught();
            });
        }
        Console.WriteLine($"{SignalStack.Count} {Mappings() - mapped}");
        return 0;
    }

    private static void OnThread(Action work)
    {
        var thread = new Thread(() => work());
        thread.Start();
        thread.Join();
    }

    private static int Mappings() => File.ReadLines("/proc/self/maps").Count();

    private static bool Caught()
    {
        try
        {
            string? none = null;
            return none!.Length < 0;
        }
        catch (NullReferenceException)
        {
            return true;
        }
    }
}
