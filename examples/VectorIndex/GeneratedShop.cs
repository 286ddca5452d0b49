using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace VectorIndex;

/// <summary>
/// A shop of any size: items of some thousand kinds, whose features lie around their kind's, and customers who stay with a kind for a
/// while. A model is trained on the first of the items, a little; all others come as new items do.
/// </summary>
internal static class GeneratedShop
{
    private const int Kinds = 4000;
    private const int Layers = 2;
    private const int Width = 32;
    private const int TrainedItems = 4000;
    private const int TrainedCustomers = 1000;
    private const int Asked = 500;
    private const int HistoryLength = 10;

    private sealed class Item
    {
        [ColumnName("Item")]
        public string Id { get; set; } = "";

        [VectorType(GeneratedShop.Layers, Width)]
        public float[] Layers { get; set; } = [];
    }

    public static Shop Train(MLContext mlContext, int items, CancellationToken cancellation)
    {
        int first = Math.Min(items, TrainedItems);
        var options = new SsnaTrainer.Options
        {
            Items = Items(mlContext, 0, first),
            Adaptation = new ItemAdaptation.Ssna { AdapterHeads = 2, FeatureDropout = 0 },
            MaximumSteps = 20,
            CancellationToken = cancellation,
        };
        IDataView training = mlContext.Data.LoadFromEnumerable(Customers(first, TrainedCustomers, seed: 1));
        SsnaTransformer trained = mlContext.Recommendation().Trainers.Ssna(options).Fit(training);
        Customer[] asked = [.. Customers(items, Asked, seed: 2)];
        if (items == first)
        {
            return new Shop(trained, asked);
        }
        using (trained)
        {
            return new Shop(trained.WithItems(Items(mlContext, first, items - first), cancellation), asked);
        }
    }

    private static IDataView Items(MLContext mlContext, int first, int count) =>
        mlContext.Data.LoadFromEnumerable(
            Enumerable
                .Range(first, count)
                .Select(item => new Item { Id = IdOf(item), Layers = Around(Features(-1 - (item % Kinds)), item) })
        );

    private static string IdOf(int item) => $"item{item}";

    private static float[] Around(float[] kind, int item) =>
        [.. kind.Zip(Features(item), (center, own) => center + (0.5f * own))];

    private static float[] Features(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Layers * Width).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static IEnumerable<Customer> Customers(int items, int count, int seed)
    {
        var random = new Random(seed);
        for (int customer = 0; customer < count; customer++)
        {
            var sequence = new string[HistoryLength];
            int kind = random.Next(Kinds);
            for (int i = 0; i < sequence.Length; i++)
            {
                kind = random.Next(4) == 0 ? random.Next(Kinds) : kind;
                // One of the items of the kind, which are every so many in the catalogue.
                int item = kind + (Kinds * random.Next(Math.Max(1, items / Kinds)));
                sequence[i] = IdOf(item % items);
            }
            yield return new Customer { User = $"customer{customer}", Sequence = sequence };
        }
    }
}
