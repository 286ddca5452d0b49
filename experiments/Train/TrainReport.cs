using System.Text.Json.Serialization;

namespace Experiments;

/// <summary>The figures of one run, as the JSON file holds them.</summary>
internal sealed record TrainReport
{
    public required string Preset { get; init; }
    public required int Seed { get; init; }
    public required int EpochsRun { get; init; }
    public required int BestEpoch { get; init; }

    /// <summary>The median over the epochs, of training alone.</summary>
    public required double SecondsPerEpoch { get; init; }
    public required double SecondsTotal { get; init; }
    public required double ExtractionSeconds { get; init; }
    public required long ExtractionTokens { get; init; }
    public required double PeakMemoryMb { get; init; }

    /// <summary>Resident memory after each epoch.</summary>
    public required IReadOnlyList<double> EpochMemoryMb { get; init; }
    public required ProtocolFigures Validation { get; init; }
    public required ProtocolFigures Test { get; init; }
}

/// <summary>Figures over the whole catalogue, and with the history's items left out.</summary>
internal sealed record ProtocolFigures(RankingFigures All, RankingFigures ExcludeSeen);

/// <summary>Recall and NDCG of one protocol.</summary>
internal sealed record RankingFigures(
    [property: JsonPropertyName("recall@10")] double RecallAt10,
    [property: JsonPropertyName("recall@50")] double RecallAt50,
    [property: JsonPropertyName("ndcg@10")] double NdcgAt10,
    [property: JsonPropertyName("ndcg@50")] double NdcgAt50
);
