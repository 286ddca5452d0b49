namespace Experiments.Retrain;

/// <summary>What the <c>retrain</c> command was asked for.</summary>
internal sealed record RetrainSettings
{
    public required string Data { get; init; }
    public required string Model { get; init; }
    public required IReadOnlyList<float> Rates { get; init; }
    public int? Patience { get; init; }
    public int? Epochs { get; init; }
    public int? Dimension { get; init; }
    public required int Seed { get; init; }
    public int? Threads { get; init; }
    public string? Cache { get; init; }
    public required string Output { get; init; }
    public string? Json { get; init; }
}
