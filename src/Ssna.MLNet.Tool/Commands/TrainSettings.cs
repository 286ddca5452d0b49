using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>How <c>ssna train</c> was asked to train.</summary>
internal sealed record TrainSettings
{
    public const string DefaultEncoder = "sentence-transformers/all-MiniLM-L6-v2";

    /// <summary>Null for the default, or, with <see cref="StartFrom"/>, for that model's own.</summary>
    public required string? Encoder { get; init; }
    public required string Output { get; init; }
    public required string? StartFrom { get; init; }
    public required bool IsPaper { get; init; }
    public required int? Layers { get; init; }
    public required int? Dimension { get; init; }
    public required int? Epochs { get; init; }
    public required int Seed { get; init; }
    public required int? Threads { get; init; }
    public required ComputePrecision Precision { get; init; }
    public required string? Cache { get; init; }
    public required string? Checkpoint { get; init; }

    /// <summary>Whether each user's last item is trained on, too.</summary>
    public required bool NoTest { get; init; }

    /// <summary>The trainer's options: the preset, and what the command line says otherwise.</summary>
    public SsnaTrainer.Options TrainerOptions()
    {
        var ssna = new ItemAdaptation.Ssna();
        ssna.LayerCount = Layers ?? ssna.LayerCount;
        SsnaTrainer.Options options = IsPaper
            ? SsnaTrainer.Options.Paper(ssna)
            : new SsnaTrainer.Options { Adaptation = ssna };
        options.Dimension = Dimension ?? options.Dimension;
        options.MaximumEpochs = Epochs ?? options.MaximumEpochs;
        options.Seed = Seed;
        options.NumberOfThreads = Threads;
        options.Precision = Precision;
        options.CheckpointFolder = Checkpoint;
        return options;
    }

    /// <summary>What reads the texts; null where the model that is started from does.</summary>
    public EncoderLayersEstimator.Options? EncoderOptions(ItemAdaptation.Ssna ssna) =>
        Encoder is null && StartFrom is not null
            ? null
            : new()
            {
                OutputColumnName = ssna.FeaturesColumnName,
                InputColumnName = "Text",
                Model = Encoder ?? DefaultEncoder,
                Layers = ssna.LayerCount,
                Precision = Precision,
                CacheFolder = Cache,
                NumberOfThreads = Threads,
            };
}
