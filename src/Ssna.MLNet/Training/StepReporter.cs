using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Training;

/// <summary>Says now and then where an epoch is: epochs of long texts or large shops take minutes.</summary>
/// <param name="progress">Told about once a second.</param>
/// <param name="context">Takes a line every half minute.</param>
/// <param name="epoch">The epoch, from 1.</param>
/// <param name="stepsPerEpoch">Its steps.</param>
/// <param name="time">The clock.</param>
internal sealed class StepReporter(
    IProgress<SsnaStepProgress>? progress,
    RunContext context,
    int epoch,
    int stepsPerEpoch,
    TimeProvider time
)
{
    private static readonly TimeSpan s_betweenReports = TimeSpan.FromSeconds(1);

    private readonly long _start = time.GetTimestamp();
    private readonly HalfMinutes _halfMinutes = new(time);
    private TimeSpan _lastReport;

    /// <param name="step">The step that is done, from 1.</param>
    public void Finished(int step)
    {
        TimeSpan elapsed = time.GetElapsedTime(_start);
        if (progress is not null && elapsed - _lastReport >= s_betweenReports)
        {
            _lastReport = elapsed;
            progress.Report(new SsnaStepProgress(epoch, step, stepsPerEpoch, elapsed));
        }
        if (_halfMinutes.Passed())
        {
            context.Info($"Epoch {epoch}: step {step} of {stepsPerEpoch}.");
        }
    }
}
