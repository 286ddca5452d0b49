using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Tool.Reports;

/// <summary>What was read, trained and saved, and how good it is.</summary>
internal sealed record TrainReport
{
    /// <summary>The file of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long ModelBytes { get; init; }
    public required int Items { get; init; }
    public required int ItemsWithoutText { get; init; }
    public required int Users { get; init; }
    public required long Interactions { get; init; }

    /// <summary>Rows of interactions left out, for want of a user, an item or a time, or because they stand there twice.</summary>
    public required long RowsLeftOut { get; init; }
    public required int Epochs { get; init; }
    public required int BestEpoch { get; init; }
    public required double Seconds { get; init; }

    /// <summary>Recall@10 of the best epoch, on the item before the last of each user.</summary>
    public required double ValidationRecall { get; init; }

    /// <summary>On the last item of each user; null where it was trained on.</summary>
    public required EvaluationReport? Test { get; init; }

    public static TrainReport Of(
        string path,
        SsnaTransformer model,
        SequenceGroupingSummary data,
        int itemsWithoutText,
        EvaluationReport? test
    ) =>
        new()
        {
            Model = path,
            ModelBytes = new FileInfo(path).Length,
            Items = model.ItemCount,
            ItemsWithoutText = itemsWithoutText,
            Users = data.Users,
            Interactions = data.Interactions,
            RowsLeftOut = data.RowsWithoutUser + data.RowsWithoutItem + data.RowsWithoutTime + data.RepeatedRows,
            Epochs = model.Training.Epochs.Count,
            BestEpoch = model.Training.BestEpoch,
            Seconds = model.Training.Duration.TotalSeconds,
            ValidationRecall = model.Training.Epochs[model.Training.BestEpoch - 1].ValidationRecallAt10,
            Test = test,
        };

    /// <summary>Shows it to people.</summary>
    public void Show(Terminal terminal)
    {
        Line($"Read     {Items:N0} items, {Users:N0} users, {Interactions:N0} interactions");
        if (RowsLeftOut > 0)
        {
            Line($"         {RowsLeftOut:N0} rows of interactions left out: incomplete, or there twice");
        }
        if (ItemsWithoutText > 0)
        {
            Line($"         {ItemsWithoutText:N0} items have no text, and are all alike to the model");
        }
        Line(
            $"Trained  {Epochs:N0} epochs in {Seconds:F0} s; the best is epoch {BestEpoch}, validation Recall@10 {ValidationRecall:F4}"
        );
        Line($"Saved    {Model}, {ModelBytes / 1e6:F1} MB");
        if (Test is not null)
        {
            terminal.Show("");
            EvaluationTable.Show(terminal, Test);
        }

        void Line(FormattableString text) => terminal.Show(text.ToString(CultureInfo.InvariantCulture));
    }
}
