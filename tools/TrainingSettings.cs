using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

namespace Tools;

/// <summary>What a command line says of a training; null leaves what the preset has.</summary>
internal sealed record TrainingSettings
{
    /// <summary>"default" or "paper".</summary>
    public required string Preset { get; init; }
    public int? Layers { get; init; }
    public int? Dimension { get; init; }
    public int? Epochs { get; init; }
    public required int Seed { get; init; }
    public int? Threads { get; init; }
    public required ComputePrecision Precision { get; init; }
    public string? Cache { get; init; }
    public string? Checkpoint { get; init; }

    /// <summary>The trainer's options: the preset, and what the command line says otherwise.</summary>
    public SsnaTrainer.Options TrainerOptions()
    {
        ItemAdaptation.Ssna ssna = Adaptation();
        SsnaTrainer.Options options =
            Preset == "paper" ? SsnaTrainer.Options.Paper(ssna) : new SsnaTrainer.Options { Adaptation = ssna };
        options.Dimension = Dimension ?? options.Dimension;
        options.MaximumEpochs = Epochs ?? options.MaximumEpochs;
        options.Seed = Seed;
        options.NumberOfThreads = Threads;
        options.Precision = Precision;
        options.CheckpointFolder = Checkpoint;
        return options;
    }

    /// <summary>The options of the encoder that reads the items' column Text for such a trainer.</summary>
    /// <param name="model">Its folder, or its id on the hub.</param>
    public EncoderLayersEstimator.Options EncoderOptions(string model)
    {
        ItemAdaptation.Ssna ssna = Adaptation();
        return new()
        {
            OutputColumnName = ssna.FeaturesColumnName,
            InputColumnName = "Text",
            Model = model,
            Layers = ssna.LayerCount,
            Precision = Precision,
            CacheFolder = Cache,
            NumberOfThreads = Threads,
        };
    }

    private ItemAdaptation.Ssna Adaptation()
    {
        var ssna = new ItemAdaptation.Ssna();
        ssna.LayerCount = Layers ?? ssna.LayerCount;
        return ssna;
    }
}
