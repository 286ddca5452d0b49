using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;

namespace Experiments;

/// <summary>Prints what the trainer says of its data and its work; epochs have lines of their own: <see cref="EpochProgress"/>.</summary>
internal static class TrainerLog
{
    public static void Print(MLContext mlContext) =>
        mlContext.Log += (_, entry) =>
        {
            if (
                entry.Kind is ChannelMessageKind.Info or ChannelMessageKind.Warning
                && entry.Source.Contains(nameof(SsnaTrainer), StringComparison.Ordinal)
                && !entry.RawMessage.StartsWith("Epoch ", StringComparison.Ordinal)
            )
            {
                Console.WriteLine(entry.RawMessage);
            }
        };
}
