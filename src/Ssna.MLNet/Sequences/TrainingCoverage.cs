using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Sequences;

/// <summary>Says how long the training sequences are, and how much of them the model does not learn from.</summary>
internal static class TrainingCoverage
{
    /// <param name="channel">Told.</param>
    /// <param name="training">What there is to learn from: known items alone, without what is held out to validate on.</param>
    /// <param name="rows">The rows that it comes from.</param>
    /// <param name="settings">The window, and whether earlier ones are trained on.</param>
    public static void Report(IChannel channel, SequenceSet training, long rows, TrainingDataSettings settings)
    {
        var lengths = new int[training.Count];
        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = training[i].Length;
        }
        var coverage = WindowCoverage.Of(training, settings.Window);
        channel.Tell(
            $"{lengths.Length} training sequences of {SequenceLengths.Of(lengths)}; {rows - lengths.Length} of {rows} rows have "
                + "fewer than two items of the catalogue, and nothing to learn from."
        );
        if (coverage.EarlierCases == 0)
        {
            return;
        }
        string beyond =
            $"{Share.Of(coverage.EarlierCases, coverage.Cases)} training cases lie before the last window of their sequence, its last "
            + $"{settings.Window} items (option SequenceModel.MaximumSequenceLength)";
        string option = $"(option TrainOnEarlierWindows: {settings.EarlierWindows})";
        if (coverage.TakesEarlier(settings.EarlierWindows))
        {
            channel.Tell(
                $"{beyond}; they are trained on in earlier windows {option}: {coverage.Cases} cases in {coverage.Windows} windows, "
                    + "none lost."
            );
            return;
        }
        string lost =
            $"{beyond}; they are lost {option}, and trained on are {coverage.Cases - coverage.EarlierCases} cases in "
            + $"{coverage.LastWindows} windows.";
        if (settings.EarlierWindows == EarlierWindows.Auto)
        {
            channel.Tell(lost);
        }
        else
        {
            channel.Warn(lost);
        }
    }
}
