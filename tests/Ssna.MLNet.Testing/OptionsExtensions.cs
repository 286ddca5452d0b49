using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Testing;

/// <summary>The kinds that options have unless a test says otherwise.</summary>
public static class OptionsExtensions
{
    public static ItemAdaptation.Ssna Ssna(this TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return (ItemAdaptation.Ssna)options.Adaptation;
    }

    public static SequenceModel.SASRec SASRec(this TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return (SequenceModel.SASRec)options.SequenceModel;
    }
}
