using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Fuzz.Formats;

/// <summary>Interactions in a text file, read by ML.NET's loader and grouped into sequences.</summary>
internal sealed class InteractionsTable() : Format("interactions")
{
    private const string Table = "interactions.tsv";

    public override IReadOnlyList<string> Named => ["User", "Item", "Time", "interaction"];

    public override void Write(string folder) =>
        File.WriteAllLines(
            Path.Combine(folder, Table),
            [
                "User\tItem\tTime",
                .. Enumerable.Range(0, 30).Select(i => $"u{i % 5}\t{100 + (i * 7 % 11)}\t{1_700_000_000 - (i * 50)}"),
            ]
        );

    public override string Read(string folder)
    {
        var mlContext = new MLContext(1);
        IDataView rows = mlContext.Data.LoadFromTextFile<Row>(Path.Combine(folder, Table), hasHeader: true);
        IDataView users = mlContext.Data.GroupIntoSequences(rows, "User", "Item", "Time");
        return string.Join(
            '\n',
            mlContext
                .Data.CreateEnumerable<Sequence>(users, reuseRowObject: false)
                .Select(user => $"{user.User}: {string.Join(' ', user.Items)}")
        );
    }

    public override bool IsDocumented(Exception error) =>
        error is InvalidOperationException or ArgumentOutOfRangeException or FormatException;

    private sealed class Row
    {
        [LoadColumn(0)]
        public string User { get; set; } = "";

        [LoadColumn(1)]
        public int Item { get; set; }

        [LoadColumn(2)]
        public long Time { get; set; }
    }

    private sealed class Sequence
    {
        public string User { get; set; } = "";

        [ColumnName("Sequence")]
        public int[] Items { get; set; } = [];
    }
}
