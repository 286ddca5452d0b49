using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using OnnxServing;
using Ssna.MLNet.Benchmarks.Serving;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Ssna.MLNet.Testing;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.Onnx;

/// <summary>
/// Whether ONNX Runtime recommends to every user of a data set what the exported model recommends: GRU and MEAN, with and without
/// repeats, in every precision of the items, with the history left out and with it.
/// </summary>
internal static class ParityRun
{
    private const int Recommended = 10;
    private const int Deeper = 10; // ranks behind them, where an item may be whose score is as good as equal
    private const double Close = 1e-4;

    public static Command Command()
    {
        var data = new Option<string>("--data") { Required = true, Description = "Folder of a data set." };
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the encoder." };
        var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 2 };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var command = new Command("onnx-parity", "The best ten of every user, by ONNX Runtime and by the model.")
        {
            data,
            model,
            epochs,
            json,
        };
        command.SetAction(arguments =>
        {
            var results = new Results("onnx-parity");
            int wrong = Run(
                arguments.GetRequiredValue(data),
                arguments.GetRequiredValue(model),
                arguments.GetValue(epochs),
                results
            );
            results.Write(arguments.GetValue(json));
            return wrong == 0 ? 0 : 1;
        });
        return command;
    }

    private static int Run(string folder, string encoder, int epochs, Results results)
    {
        var mlContext = new MLContext(1);
        var data = new BenchmarkData(mlContext, folder);
        var extract = mlContext.Transforms.Text.ExtractEncoderLayers("Layers", "Text", encoder);
        using EncoderLayersTransformer read = extract.Fit(data.Items);
        IDataView items = mlContext.Data.Cache(read.Transform(data.Items));
        var split = mlContext.Data.LeaveOneOutSplit(mlContext.Data.GroupIntoSequences(data.Interactions));
        string[][] histories =
        [
            .. mlContext
                .Data.CreateEnumerable<HistoryRow>(split.TestSet, reuseRowObject: false)
                .Select(row => row.Sequence),
        ];
        results.Add("users", histories.Length, "");
        int wrong = 0;
        foreach (LayerIntegration integration in (LayerIntegration[])[LayerIntegration.Gru, LayerIntegration.Mean])
        {
            foreach (bool repeats in (bool[])[true, false])
            {
                var options = new SsnaTrainer.Options
                {
                    Items = items,
                    Adaptation = new ItemAdaptation.Ssna { Integration = integration },
                    LearnRepeats = repeats,
                    MaximumEpochs = epochs,
                };
                using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(split.TrainSet);
                foreach (ItemPrecision precision in Enum.GetValues<ItemPrecision>())
                {
                    using SsnaTransformer rounded = model.WithItemPrecision(precision);
                    foreach (bool exclude in (bool[])[true, false])
                    {
                        string what =
                            $"{integration}, {(repeats ? "repeats" : "no repeats")}, {precision}, history {(exclude ? "out" : "in")}";
                        wrong += Compare(rounded, histories, exclude, what, results);
                    }
                }
            }
        }
        return wrong;
    }

    /// <summary>How many users get other items than the model's, but for those whose scores are as good as equal.</summary>
    private static int Compare(SsnaTransformer model, string[][] histories, bool exclude, string what, Results results)
    {
        using var folder = new TemporaryFolder();
        model.ExportOnnx(folder["model.onnx"]);
        using var exported = new ExportedRecommender(folder["model.onnx"]);
        IReadOnlyList<IReadOnlyList<ScoredItem<string>>> expected = model.RecommendMany(
            histories,
            Recommended + Deeper,
            excludeHistory: exclude
        );
        (int same, int close, int wrong, double largest) = (0, 0, 0, 0);
        for (int user = 0; user < histories.Length; user++)
        {
            IReadOnlyList<ScoredItem<string>> ours = expected[user];
            IReadOnlyList<(string Item, float Score)> theirs = exported.Recommend(
                histories[user],
                Recommended,
                exclude
            );
            Dictionary<string, float> scores = ours.ToDictionary(scored => scored.Item, scored => scored.Score);
            bool isSame = theirs
                .Select(best => best.Item)
                .SequenceEqual(ours.Take(Recommended).Select(best => best.Item));
            bool isClose = theirs.Count == Math.Min(Recommended, ours.Count);
            for (int i = 0; i < theirs.Count && isClose; i++)
            {
                double difference = Math.Abs(theirs[i].Score - ours[i].Score);
                largest = Math.Max(largest, difference);
                isClose =
                    difference < Close
                    && scores.TryGetValue(theirs[i].Item, out float score)
                    && Math.Abs(score - ours[i].Score) < Close;
            }
            (same, close, wrong) =
                isSame && isClose ? (same + 1, close, wrong)
                : isClose ? (same, close + 1, wrong)
                : (same, close, wrong + 1);
        }
        results.Add($"{what}: same ten", same, "users");
        results.Add($"{what}: same but for scores within {Close}", close, "users");
        results.Add($"{what}: others", wrong, "users");
        results.Add($"{what}: largest difference of scores", largest, "");
        return wrong;
    }
}
