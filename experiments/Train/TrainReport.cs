using System.Text.Json.Serialization;
using Ssna.MLNet.Mpi;

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

    /// <summary>The processes that trained together.</summary>
    public required int Ranks { get; init; }

    /// <summary>What the first of them exchanged with the others; null where it was alone.</summary>
    public required RankExchange? Exchange { get; init; }
    public required ProtocolFigures Validation { get; init; }
    public required ProtocolFigures Test { get; init; }
}

/// <summary>What a rank exchanged.</summary>
/// <param name="Calls">Sums, gatherings and broadcasts.</param>
/// <param name="Megabytes">The sizes of their buffers together.</param>
/// <param name="WaitingSeconds">Until all ranks had come to them.</param>
/// <param name="MovingSeconds">From there until they had returned.</param>
internal sealed record RankExchange(long Calls, double Megabytes, double WaitingSeconds, double MovingSeconds)
{
    public static RankExchange Of(MpiStatistics statistics) =>
        new(statistics.Calls, statistics.Bytes / 1e6, statistics.Waiting.TotalSeconds, statistics.Moving.TotalSeconds);
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
