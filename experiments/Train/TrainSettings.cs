using Tools;

namespace Experiments;

/// <summary>What the <c>train</c> command was asked for.</summary>
internal sealed record TrainSettings
{
    public required string Data { get; init; }
    public required string Model { get; init; }
    public required TrainingSettings Training { get; init; }
    public string? Out { get; init; }
    public string? Json { get; init; }
}
