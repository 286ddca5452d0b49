using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace VectorIndex;

/// <summary>What an index finds beside what brute force finds, and what its candidates become when the model ranks them again.</summary>
internal static class Comparison
{
    private const int Wanted = 10;
    private const int Candidates = 100;

    public static void Run(MLContext mlContext, Shop shop, CancellationToken cancellation)
    {
        SsnaTransformer model = shop.Model;
        long before = Resident();
        long start = Stopwatch.GetTimestamp();
        using var index = ItemIndex.Build(mlContext, model, cancellation);
        TimeSpan build = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(
            $"  index of {model.ItemCount:N0} items of {model.Dimension} numbers: built in {build.TotalSeconds:N1} s, "
                + $"{(Resident() - before) / 1e6:N0} MB"
        );

        float[][] users = [.. shop.UserEmbeddings(mlContext).GetColumn<float[]>("Embedding")];
        string[][] found = Array.ConvertAll(users, user => index.Nearest(user, Wanted));
        string[][] exact = BruteForce.Nearest(mlContext, model, users, Wanted, cancellation);
        Console.WriteLine(
            $"  {users.Length} customers: the index finds {Share(found, exact):P1} of the {Wanted} nearest items"
        );

        string[][] candidates = Array.ConvertAll(users, user => index.Nearest(user, Candidates));
        foreach (bool excludeHistory in new[] { true, false })
        {
            cancellation.ThrowIfCancellationRequested();
            string[][] recommended = Ask(
                (customer, _) => model.Recommend(customer.Sequence, Wanted, excludeHistory: excludeHistory)
            );
            string[][] rankedAgain = Ask(
                (customer, i) => RankAgain(model, customer.Sequence, candidates[i], excludeHistory)
            );
            Console.WriteLine(
                $"  {Wanted} recommended, {(excludeHistory ? "new items alone" : "repeats among them")}: "
                    + $"{Share(found, recommended):P1} are the index's nearest, "
                    + $"{Share(rankedAgain, recommended):P1} are its {Candidates} nearest ranked again"
            );
        }
        Console.WriteLine(
            $"  milliseconds a customer, median: Recommend over all items {Median((customer, _) => model.Recommend(customer.Sequence, Wanted)):N2}; "
                + $"embedding {Median((customer, _) => shop.UserEmbedding(mlContext, customer)):N2}, "
                + $"index {Median((_, i) => index.Nearest(users[i], Candidates)):N2}, "
                + $"ranking again {Median((customer, i) => RankAgain(model, customer.Sequence, candidates[i], excludeHistory: true)):N2}"
        );

        string[][] Ask(Func<Customer, int, IReadOnlyList<ScoredItem<string>>> ask) =>
            [.. shop.Customers.Select((customer, i) => ask(customer, i).Select(item => item.Item).ToArray())];

        double Median(Action<Customer, int> ask)
        {
            double[] times =
            [
                .. shop
                    .Customers.Take(200)
                    .Select(
                        (customer, i) =>
                        {
                            long from = Stopwatch.GetTimestamp();
                            ask(customer, i);
                            return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
                        }
                    )
                    .Order(),
            ];
            return times[times.Length / 2];
        }
    }

    // The items of the history are candidates too: the model may have learned that they are taken again, whatever their cosine.
    private static IReadOnlyList<ScoredItem<string>> RankAgain(
        SsnaTransformer model,
        string[] history,
        string[] candidates,
        bool excludeHistory
    ) => model.Recommend(history, Wanted, allow: [.. candidates, .. history], excludeHistory: excludeHistory);

    private static double Share(string[][] found, string[][] wanted) =>
        found.Zip(wanted, (some, all) => some.Intersect(all).Count()).Sum() / (double)wanted.Sum(all => all.Length);

    private static long Resident()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
