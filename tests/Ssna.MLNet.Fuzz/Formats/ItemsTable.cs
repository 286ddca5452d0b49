using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>Items with features in a text file, read by ML.NET's loader and added to a model.</summary>
internal sealed class ItemsTable() : Format("items")
{
    private const string Table = "items.tsv";
    private SsnaTransformer? _model;

    public override IReadOnlyList<string> Named => ["Item", "Layers"];

    public override bool IsChanged(string file) => file == Table;

    public override void Write(string folder)
    {
        new ModelZip().Write(folder);
        File.WriteAllLines(
            Path.Combine(folder, Table),
            Enumerable
                .Range(0, 5)
                .Select(item =>
                    $"new{item}\t"
                    + string.Join(
                        '\t',
                        Enumerable
                            .Range(0, 2 * Width)
                            .Select(i => ((item * Width) + i * 0.25).ToString(CultureInfo.InvariantCulture))
                    )
                )
        );
    }

    public override string Read(string folder)
    {
        var mlContext = new MLContext(1);
        _model ??= SsnaTransformer.Load(mlContext, Path.Combine(folder, ModelZip.File));
        IDataView table = mlContext.Data.LoadFromTextFile<Row>(Path.Combine(folder, Table));
        // ML.NET's loader knows no vectors of two dimensions.
        IDataView items = mlContext.Data.LoadFromEnumerable(
            mlContext
                .Data.CreateEnumerable<Row>(table, false)
                .Select(row => new Layered { Item = row.Item, Layers = row.Layers })
        );
        using SsnaTransformer larger = _model.WithItems(items);
        return $"{ModelZip.Describe(larger)} {string.Join(' ', larger.GetItemIds<string>())}";
    }

    public override bool IsDocumented(Exception error) =>
        error is InvalidOperationException or ArgumentOutOfRangeException or FormatException;

    public override void Dispose()
    {
        base.Dispose();
        _model?.Dispose();
    }

    private const int Width = Testing.TinyEncoder.Width;

    private sealed class Row
    {
        [LoadColumn(0)]
        public string Item { get; set; } = "";

        [LoadColumn(1, 2 * Width)]
        [VectorType(2 * Width)]
        public float[] Layers { get; set; } = [];
    }

    private sealed class Layered
    {
        public string Item { get; set; } = "";

        [VectorType(2, Width)]
        public float[] Layers { get; set; } = [];
    }
}
