namespace Experiments.Runs;

/// <summary>What a run's own process is given: what to measure, where the files are, and where the result goes.</summary>
internal sealed record RunRequest
{
    public required RunSettings Settings { get; init; }

    /// <summary>The folder of the tables.</summary>
    public required string Data { get; init; }

    /// <summary>The encoder's folder, or null.</summary>
    public required string? Model { get; init; }

    /// <summary>The file with the items' features, or null where the method needs none.</summary>
    public required string? Features { get; init; }

    public required string Result { get; init; }

    /// <summary>The folder with the finished trials of a search.</summary>
    public required string Trials { get; init; }
}

/// <summary>What the process that extracts the features is given.</summary>
internal sealed record FeaturesRequest
{
    public required string Data { get; init; }
    public required string Model { get; init; }
    public required int Layers { get; init; }
    public required int? Threads { get; init; }
    public required Microsoft.ML.Transforms.ComputePrecision Precision { get; init; }
    public required string? Cache { get; init; }
    public required string Result { get; init; }
}
