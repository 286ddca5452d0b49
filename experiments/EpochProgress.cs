using System.Globalization;
using Microsoft.ML.Trainers.Recommender;

namespace Experiments;

/// <summary>Prints each epoch as it ends and keeps it, with the memory then resident; prints where a long one is.</summary>
internal sealed class EpochProgress : IProgress<SsnaTrainingProgress>, IProgress<SsnaStepProgress>
{
    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(60);

    private TimeSpan _lastLine;

    public List<SsnaTrainingProgress> Finished { get; } = [];

    public List<double> ResidentMegabytes { get; } = [];

    public void Report(SsnaStepProgress value)
    {
        if (value.Elapsed - _lastLine >= s_betweenLines)
        {
            _lastLine = value.Elapsed;
            Console.WriteLine($"epoch {value.Epoch, 3}  step {value.Step} of {value.StepsPerEpoch}");
        }
    }

    public void Report(SsnaTrainingProgress value)
    {
        _lastLine = TimeSpan.Zero;
        Finished.Add(value);
        ResidentMegabytes.Add(ProcessMemory.ResidentMegabytes);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"epoch {value.Epoch, 3}  loss {value.Loss:F4}  validation recall@10 {value.ValidationRecallAt10:F4}  "
                    + $"ndcg@10 {value.ValidationNdcgAt10:F4}  best {value.BestEpoch, 3}  "
                    + $"{value.TrainingTime.TotalSeconds:F2} s + {value.ValidationTime.TotalSeconds:F2} s"
            )
        );
    }
}
