using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Benchmarks.Serving;
using Ssna.MLNet.Benchmarks.WholeRuns;
using Command = System.CommandLine.Command;

namespace Ssna.MLNet.Benchmarks.Onnx;

/// <summary>Whether ONNX Runtime recommends the same from a catalogue whose export has more weights than one file may hold.</summary>
internal static class LargeRun
{
    private const int Layers = 2;
    private const int Width = 32;
    private const int Trained = 4000;
    private const int Users = 64;
    private const int Interactions = 10;

    public static Command Command()
    {
        var items = new Option<int>("--items") { DefaultValueFactory = _ => 2_200_000 };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var command = new Command(
            "onnx-large",
            "The best ten from a generated catalogue, by ONNX Runtime and by the model."
        )
        {
            items,
            json,
        };
        command.SetAction(arguments =>
        {
            var results = new Results("onnx-large");
            int wrong = Run(arguments.GetValue(items), results);
            results.Write(arguments.GetValue(json));
            return wrong == 0 ? 0 : 1;
        });
        return command;
    }

    private static int Run(int items, Results results)
    {
        var mlContext = new MLContext(1);
        var options = new SsnaTrainer.Options
        {
            Items = Rows(mlContext, 0, Trained),
            Adaptation = new ItemAdaptation.Ssna { AdapterHeads = 2 },
            MaximumSteps = 20,
        };
        IDataView sequences = mlContext.Data.LoadFromEnumerable(
            Histories(Trained).Select(history => new HistoryRow { Sequence = history })
        );
        using SsnaTransformer small = mlContext.Recommendation().Trainers.Ssna(options).Fit(sequences);
        using SsnaTransformer model = small.WithItems(Rows(mlContext, Trained, items - Trained));
        results.Add("items", model.ItemCount, "");
        int wrong = Parity.Compare(model, [.. Histories(items)], exclude: true, "history out", results);
        results.Add("peak memory", Machine.PeakMegabytes, "MB");
        return wrong;
    }

    private static IEnumerable<string[]> Histories(int items) =>
        GeneratedShop.Users(Users, items, Interactions).Select(user => Array.ConvertAll(user.Sequence, Name));

    private static IDataView Rows(MLContext mlContext, int first, int count)
    {
        var schema = SchemaDefinition.Create(typeof(NamedItem));
        schema[nameof(NamedItem.Layers)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Layers, Width);
        return mlContext.Data.LoadFromEnumerable(
            GeneratedShop
                .Items(first + count, Layers, Width)
                .Skip(first)
                .Select(row => new NamedItem { Item = Name(row.Item), Layers = row.Layers }),
            schema
        );
    }

    private static string Name(int item) => item.ToString(CultureInfo.InvariantCulture);

    private sealed class NamedItem
    {
        public string Item { get; set; } = "";

        public float[] Layers { get; set; } = [];
    }
}
