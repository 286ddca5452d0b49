using System.Globalization;
using Microsoft.ML.Transforms;

namespace Experiments;

/// <summary>Prints how far the extraction is, every few seconds, and keeps the last report.</summary>
internal sealed class ExtractionProgress : IProgress<EncoderLayersProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private TimeSpan _printed = TimeSpan.Zero;

    /// <summary>The last report; all zero where every text was in the cache.</summary>
    public EncoderLayersProgress Last { get; private set; } = new(0, 0, 0, TimeSpan.Zero);

    public void Report(EncoderLayersProgress value)
    {
        Last = value;
        if (value.Elapsed - _printed >= Pause)
        {
            _printed = value.Elapsed;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"extracted {value.Texts:N0} texts, {value.Tokens:N0} tokens in {value.Elapsed.TotalSeconds:F0} s"
                )
            );
        }
    }
}
