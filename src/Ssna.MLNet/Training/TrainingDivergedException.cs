namespace Ssna.MLNet.Training;

/// <summary>The training loss is no number any more: a matter of the settings, not of the data.</summary>
internal sealed class TrainingDivergedException(int epoch, string message) : InvalidOperationException(message)
{
    /// <summary>The epoch in which it happened, from 1.</summary>
    public int Epoch => epoch;
}
