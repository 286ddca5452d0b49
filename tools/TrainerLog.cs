using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;

namespace Tools;

/// <summary>
/// Says what the trainer has to say of its data and its work, and what anybody warns of; epochs have lines of their own:
/// <see cref="ProgressLines"/>.
/// </summary>
internal static class TrainerLog
{
    /// <param name="mlContext">Whose log it is.</param>
    /// <param name="write">Takes a line.</param>
    public static void Listen(MLContext mlContext, Action<string> write) =>
        mlContext.Log += (_, entry) =>
        {
            bool isOfTrainer =
                entry.Kind == ChannelMessageKind.Info
                && entry.Source.Contains(nameof(SsnaTrainer), StringComparison.Ordinal)
                && !entry.RawMessage.StartsWith("Epoch ", StringComparison.Ordinal);
            if (isOfTrainer || entry.Kind == ChannelMessageKind.Warning)
            {
                write(entry.RawMessage);
            }
        };
}
