using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Training;

/// <summary>What tells one training from another, by name: a checkpoint of one is none of the other.</summary>
internal static class TrainingIdentity
{
    /// <param name="options">Its options.</param>
    /// <param name="items">What was read of the items.</param>
    /// <param name="training">The sequences.</param>
    /// <param name="validation">The cases of validation.</param>
    /// <param name="place">Where, and in which precision, it computes.</param>
    /// <param name="start">What it starts from, or null.</param>
    public static IReadOnlyDictionary<string, string> Of(
        TrainingOptions options,
        HeldItems items,
        SequenceSet training,
        ValidationCases validation,
        RunPlace place,
        StartingModel? start
    )
    {
        SortedDictionary<string, string> identity = OptionsIdentity.Of(options, seed: 1);
        identity[nameof(options.Precision)] = $"{place.Precision}";
        identity["Versions"] = string.Join(
            ", ",
            LibraryVersions.Present.Select(version => $"{version.Key} {version.Value}")
        );
        identity["Items"] = items.Hash;
        if (start is not null)
        {
            identity["StartFrom"] = start.Hash();
        }
        identity["Sequences"] = HashOf(training);
        identity["Validation"] = $"{HashOf(validation.Histories)} {HashOf(validation.Targets)}";
        return identity;
    }

    private static string HashOf(SequenceSet sequences)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < sequences.Count; i++)
        {
            int length = sequences[i].Length;
            hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));
            hash.AppendData(MemoryMarshal.AsBytes(sequences[i]));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static string HashOf(int[] targets) =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<int>(targets)))[..16];
}
