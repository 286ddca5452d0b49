using Microsoft.ML.Transforms;
using Tools;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>What <c>ssna train</c> was asked for.</summary>
internal sealed record TrainSettings
{
    public const string DefaultEncoder = "sentence-transformers/all-MiniLM-L6-v2";

    /// <summary>Null for the default, or, with <see cref="StartFrom"/>, for that model's own.</summary>
    public required string? Encoder { get; init; }
    public required string Output { get; init; }
    public required string? StartFrom { get; init; }

    /// <summary>Whether each user's last item is trained on, too.</summary>
    public required bool NoTest { get; init; }
    public required TrainingSettings Training { get; init; }

    /// <summary>What reads the texts; null where the model that is started from does.</summary>
    public EncoderLayersEstimator.Options? EncoderOptions() =>
        Encoder is null && StartFrom is not null ? null : Training.EncoderOptions(Encoder ?? DefaultEncoder);
}
