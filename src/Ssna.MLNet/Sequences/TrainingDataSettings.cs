using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Sequences;

/// <summary>Which columns training and validation data are read from, and how much of them is used.</summary>
/// <param name="Sequence">The column of sequences, in both.</param>
/// <param name="ValidationLabel">The validation data's column with the item that followed.</param>
/// <param name="Window">The items of a sequence that a model looks at.</param>
/// <param name="EarlierWindows">Whether what lies before the last window is trained on.</param>
/// <param name="MaximumValidationCases">More cases than this are sampled.</param>
/// <param name="Seed">Decides which.</param>
internal sealed record TrainingDataSettings(
    string Sequence,
    string ValidationLabel,
    int Window,
    EarlierWindows EarlierWindows,
    int MaximumValidationCases,
    int Seed
);
