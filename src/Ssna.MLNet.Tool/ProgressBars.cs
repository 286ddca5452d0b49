using System.Globalization;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Spectre.Console;
using Tools;

namespace Ssna.MLNet.Tool;

/// <summary>Shows in a terminal how far a work is: a bar for what is fetched, one for the texts, one for the epochs.</summary>
internal sealed class ProgressBars : IWorkProgress
{
    private readonly ProgressContext _context;
    private ProgressTask? _files;
    private ProgressTask? _texts;
    private ProgressTask? _epochs;

    private ProgressBars(ProgressContext context) => _context = context;

    /// <summary>Works, with bars that are gone when it has ended.</summary>
    public static T Run<T>(IAnsiConsole console, Func<IWorkProgress, T> work) =>
        console
            .Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new ElapsedTimeColumn()
            )
            .Start(context => work(new ProgressBars(context)));

    public void Report(ModelHubProgress value) =>
        Set(ref _files, $"Fetching {value.Model}: {value.File}", value.Bytes, value.TotalBytes);

    public void Report(EncoderLayersProgress value) =>
        Set(ref _texts, $"Reading texts: {value.Texts:N0}", 0, maximum: null);

    public void Report(SsnaStepProgress value)
    {
        if (value.Epoch == 1)
        {
            // How many epochs there may be is known when the first has ended.
            Set(ref _epochs, $"Epoch 1: step {value.Step} of {value.StepsPerEpoch}", 0, maximum: null);
        }
        else if (_epochs is not null)
        {
            _epochs.Value = value.Epoch - 1 + (value.Step / (double)value.StepsPerEpoch);
        }
    }

    public void Report(SsnaTrainingProgress value)
    {
        _texts?.StopTask();
        Set(
            ref _epochs,
            $"Epoch {value.Epoch}: validation Recall@10 {value.ValidationRecallAt10:F4}, best epoch {value.BestEpoch}",
            value.Epoch,
            value.MaximumEpochs
        );
    }

    private void Set(ref ProgressTask? bar, FormattableString text, double value, double? maximum)
    {
        string description = Markup.Escape(text.ToString(CultureInfo.InvariantCulture));
        bar ??= _context.AddTask(description);
        bar.Description = description;
        bar.IsIndeterminate = maximum is null;
        bar.MaxValue = maximum ?? bar.MaxValue;
        bar.Value = value;
    }
}
