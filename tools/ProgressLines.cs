using System.Globalization;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

namespace Tools;

/// <summary>Told of all that takes long on the way from texts to a model.</summary>
internal interface IWorkProgress
    : IProgress<ModelHubProgress>,
        IProgress<EncoderLayersProgress>,
        IProgress<SsnaTrainingProgress>,
        IProgress<SsnaStepProgress>;

/// <summary>
/// Says line by line how far a work is: each file that is fetched, the texts read every few seconds, each epoch, and where a long
/// one is.
/// </summary>
/// <param name="write">Takes a line.</param>
internal sealed class ProgressLines(Action<string> write) : IWorkProgress
{
    private static readonly TimeSpan s_betweenTexts = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_betweenSteps = TimeSpan.FromSeconds(60);

    private string? _file;
    private TimeSpan _texts;
    private TimeSpan _step;

    public void Report(ModelHubProgress value)
    {
        if (value.File != _file)
        {
            _file = value.File;
            Write($"fetching {value.File} of {value.Model}, {value.TotalBytes / 1e6:N1} MB with the rest");
        }
    }

    public void Report(EncoderLayersProgress value)
    {
        if (value.Elapsed - _texts >= s_betweenTexts)
        {
            _texts = value.Elapsed;
            Write($"extracted {value.Texts:N0} texts, {value.Tokens:N0} tokens in {value.Elapsed.TotalSeconds:F0} s");
        }
    }

    public void Report(SsnaStepProgress value)
    {
        if (value.Elapsed - _step >= s_betweenSteps)
        {
            _step = value.Elapsed;
            Write($"epoch {value.Epoch, 3}  step {value.Step} of {value.StepsPerEpoch}");
        }
    }

    public void Report(SsnaTrainingProgress value)
    {
        _step = TimeSpan.Zero;
        Write(
            $"epoch {value.Epoch, 3}  loss {value.Loss:F4}  validation recall@10 {value.ValidationRecallAt10:F4}  ndcg@10 {value.ValidationNdcgAt10:F4}  best {value.BestEpoch, 3}  {value.TrainingTime.TotalSeconds:F2} s + {value.ValidationTime.TotalSeconds:F2} s"
        );
    }

    private void Write(FormattableString line) => write(line.ToString(CultureInfo.InvariantCulture));
}
