using Microsoft.ML.Trainers.Recommender;
using Tools;

namespace Experiments;

/// <summary>Prints each epoch as it ends and keeps it, with the memory then resident; prints where a long one is.</summary>
internal sealed class EpochProgress : IProgress<SsnaTrainingProgress>, IProgress<SsnaStepProgress>
{
    private readonly ProgressLines _lines = new(Console.WriteLine);

    public List<SsnaTrainingProgress> Finished { get; } = [];

    public List<double> ResidentMegabytes { get; } = [];

    public void Report(SsnaStepProgress value) => _lines.Report(value);

    public void Report(SsnaTrainingProgress value)
    {
        Finished.Add(value);
        ResidentMegabytes.Add(ProcessMemory.ResidentMegabytes);
        _lines.Report(value);
    }
}
