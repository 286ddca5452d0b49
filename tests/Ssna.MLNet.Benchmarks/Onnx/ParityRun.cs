using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Benchmarks.Serving;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.Onnx;

/// <summary>
/// Whether ONNX Runtime recommends to every user of a data set what the exported model recommends: GRU and MEAN, with and without
/// repeats, in every precision of the items, with the history left out and with it.
/// </summary>
internal static class ParityRun
{
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
                        wrong += Parity.Compare(rounded, histories, exclude, what, results);
                    }
                }
            }
        }
        return wrong;
    }
}
