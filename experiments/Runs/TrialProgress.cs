using System.Globalization;
using Microsoft.ML.Trainers.Recommender;

namespace Experiments.Runs;

/// <summary>Prints each trial of a search as it ends.</summary>
internal sealed class TrialProgress : IProgress<SsnaSearchProgress>
{
    public void Report(SsnaSearchProgress value)
    {
        string point = string.Join(", ", value.Trial.Point.Select(pair => $"{pair.Key} = {pair.Value}"));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"trial {value.Finished} of {value.Total}: {point}: validation recall@10 {value.Trial.ValidationRecallAt10:F4}, "
                    + $"best {value.Best?.ValidationRecallAt10:F4}"
            )
        );
    }
}
