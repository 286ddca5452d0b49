using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
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
        long items = 0;
        long itemsBeyond = 0;
        long targets = 0;
        long targetsBeyond = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            int length = lengths[i] = training[i].Length;
            int beyond = Math.Max(0, length - 1 - settings.Window);
            items += length;
            itemsBeyond += beyond;
            targets += length - 1;
            targetsBeyond += settings.EarlierWindows ? 0 : beyond;
        }
        channel.Tell(
            $"{lengths.Length} training sequences of {SequenceLengths.Of(lengths)}; {rows - lengths.Length} of {rows} rows have "
                + "fewer than two items of the catalogue, and nothing to learn from."
        );
        if (itemsBeyond > 0)
        {
            string told =
                $"{Share.Of(itemsBeyond, items)} training interactions lie beyond the window, the last "
                + $"{settings.Window} items of a sequence and their target (option SequenceModel.MaximumSequenceLength). ";
            if (targetsBeyond > 0)
            {
                channel.Warn(
                    $"{told}{Share.Of(targetsBeyond, targets)} training cases are not trained on: the option "
                        + "TrainOnEarlierWindows takes them in."
                );
            }
            else
            {
                channel.Tell($"{told}Earlier windows are trained on (option TrainOnEarlierWindows).");
            }
        }
    }
}
