using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

namespace Experiments;

/// <summary>What the <c>train</c> command was asked for.</summary>
internal sealed record TrainSettings
{
    public required string Data { get; init; }
    public required string Model { get; init; }
    public required string Preset { get; init; }
    public int? Layers { get; init; }
    public int? Epochs { get; init; }
    public required int Seed { get; init; }
    public int? Threads { get; init; }
    public required ComputePrecision Precision { get; init; }
    public string? Cache { get; init; }
    public string? Out { get; init; }
    public string? Checkpoint { get; init; }
    public string? Json { get; init; }

    /// <summary>The trainer's options: the preset, and what the command line says otherwise.</summary>
    public SsnaTrainer.Options TrainerOptions()
    {
        var ssna = new ItemAdaptation.Ssna();
        ssna.LayerCount = Layers ?? ssna.LayerCount;
        SsnaTrainer.Options options =
            Preset == "paper" ? SsnaTrainer.Options.Paper(ssna) : new SsnaTrainer.Options { Adaptation = ssna };
        options.MaximumEpochs = Epochs ?? options.MaximumEpochs;
        options.Seed = Seed;
        options.NumberOfThreads = Threads;
        options.Precision = Precision;
        options.CheckpointFolder = Checkpoint;
        return options;
    }
}
