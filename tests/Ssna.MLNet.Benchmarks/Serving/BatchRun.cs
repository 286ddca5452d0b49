using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Benchmarks.WholeRuns;

namespace Ssna.MLNet.Benchmarks.Serving;

/// <summary>The ten best items of all users, and the evaluation of a ranking, beside the machine's matrix-product rate.</summary>
internal static class BatchRun
{
    private const int Repetitions = 5;

    public static Command Command() => ServingCommand.Create("batch", "The best items of many users together.", Run);

    private static void Run(MLContext mlContext, ServedModel model, Results results)
    {
        string[][] histories = Array.ConvertAll(model.Users, user => user.Sequence);
        IDataView view = mlContext.Data.LoadFromEnumerable(model.Users);
        double needed = Operations.TopLists(
            model.Transformer.Shape,
            histories.Select(history => history.Length),
            model.Items.Count
        );
        double rate = MatrixRate.Measure(ComputePrecision.Float32);
        Dictionary<string, Action> runs = new()
        {
            ["RecommendMany"] = () => model.Transformer.RecommendMany(histories, 10),
            ["Transform"] = () =>
            {
                foreach (
                    RecommendationRow _ in mlContext.Data.CreateEnumerable<RecommendationRow>(
                        model.Transformer.Transform(view),
                        reuseRowObject: true
                    )
                ) { }
            },
            ["EvaluateRanking"] = () =>
                mlContext.Recommendation().EvaluateRanking(model.Transformer.Transform(view), cutoffs: [10]),
        };
        var seconds = runs.ToDictionary(run => run.Key, run => Median.Seconds(Repetitions, warmUps: 1, run.Value));
        double rateAfter = MatrixRate.Measure(ComputePrecision.Float32);
        foreach ((string name, double time) in seconds)
        {
            results.AddRun(name, time, needed, (rate + rateAfter) / 2);
        }
        results.Add("top-10 lists a second", histories.Length / seconds["RecommendMany"], "");
        results.Add("peak memory", Machine.PeakMegabytes, "MB");
    }
}
