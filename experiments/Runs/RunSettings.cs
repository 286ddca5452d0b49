using System.Security.Cryptography;
using System.Text.Json;
using Experiments.Configuration;
using Microsoft.ML.Transforms;

namespace Experiments.Runs;

/// <summary>Everything that a run's figures depend on. Files are known by their content: a moved folder is the same folder.</summary>
internal sealed record RunSettings
{
    public required MethodSettings Method { get; init; }

    public required int Seed { get; init; }

    public required int? Threads { get; init; }

    public required ComputePrecision Precision { get; init; }

    /// <summary>Which items are kept from training, or null for leave-one-out with all of them.</summary>
    public required ColdItems? Cold { get; init; }

    /// <summary>A hash of both tables.</summary>
    public required string Data { get; init; }

    /// <summary>A hash of the encoder's folder, or null where none is used.</summary>
    public required string? Model { get; init; }

    /// <summary>A name for files: what is run, and a hash of these settings.</summary>
    public string Id()
    {
        byte[] hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, JsonFiles.Compact));
        return $"{Method.Method}-seed{Seed}-{Convert.ToHexStringLower(hash.AsSpan(0, 6))}";
    }
}

/// <summary>The items that are kept from training.</summary>
/// <param name="Share">Their share of the catalogue.</param>
/// <param name="Seed">Decides which they are.</param>
internal sealed record ColdItems(double Share, int Seed);
