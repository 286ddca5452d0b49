using Microsoft.ML.Transforms;
using Tools;

namespace Experiments;

/// <summary>Prints how far the extraction is, every few seconds, and keeps the last report.</summary>
internal sealed class ExtractionProgress : IProgress<EncoderLayersProgress>
{
    private readonly ProgressLines _lines = new(Console.WriteLine);

    /// <summary>The last report; all zero where every text was in the cache.</summary>
    public EncoderLayersProgress Last { get; private set; } = new(0, 0, 0, TimeSpan.Zero);

    public void Report(EncoderLayersProgress value)
    {
        Last = value;
        _lines.Report(value);
    }
}
