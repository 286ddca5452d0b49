using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Training;

/// <summary>
/// Estimates, from below, the memory that training with some options takes, and refuses what no machine like this one could
/// hold: libtorch would end the process, or fail with an error that names no option.
/// </summary>
internal static class TrainingMemory
{
    private const int LossRows = 256; // of logits that stand in memory at a time

    /// <param name="o">The options, each in its own range.</param>
    /// <param name="data">What is known of the data.</param>
    /// <param name="available">The bytes that there are; null for those of this machine or container.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is more than there is; the message names the options that ask for most.</exception>
    public static void Check(TrainingOptions o, Data data, double? available = null)
    {
        double there = available ?? SystemMemory.Bytes;
        MemoryPart[] parts = [.. Parts(o, data)];
        double needed = parts.Sum(part => part.Bytes);
        if (needed <= there)
        {
            return;
        }
        MemoryPart most = parts.MaxBy(part => part.Bytes);
        throw new ArgumentOutOfRangeException(
            most.Options[0].Name,
            most.Options[0].Value,
            $"Option {string.Join(", ", most.Options.Select(option => FormattableString.Invariant($"{option.Name} = {option.Value}")))}: "
                + $"expected what fits into memory, found {most.What} of {SystemMemory.Describe(most.Bytes)}; training would take "
                + $"{SystemMemory.Describe(needed)} at least, and there are {SystemMemory.Describe(there)}."
        );
    }

    private static IEnumerable<MemoryPart> Parts(TrainingOptions o, Data data)
    {
        BatchNeeds needs = o.Loss.For((int)Math.Min(data.Items, int.MaxValue)).Needs;
        double shown = 2 * Math.Min(o.BatchSize, data.Cases);
        var size = new TrainingSize(
            o.Dimension,
            // Values, gradients, Adam's two moments, the best state so far, and the average.
            WeightBytes: sizeof(float) * (o.WeightAverageDecay > 0 ? 6.0 : 5.0),
            o.BatchSize,
            data.Items,
            data.Width,
            Cases: Math.Min(o.BatchSize, data.Cases),
            BatchItems: needs.WholeCatalogue ? data.Items : Math.Min(data.Items, shown + needs.Negatives)
        );
        // What is frozen has neither gradients nor copies.
        TrainingSize frozen = size with
        {
            WeightBytes = sizeof(float),
        };
        return o
            .SequenceModel.Memory(o.FrozenPart == FrozenPart.SequenceModel ? frozen : size)
            .Concat(o.Adaptation.Memory(o.FrozenPart == FrozenPart.ItemEncoder ? frozen : size))
            .Concat(OfLoss(needs, size));
    }

    private static IEnumerable<MemoryPart> OfLoss(BatchNeeds needs, TrainingSize size)
    {
        if (needs.FindSeen)
        {
            yield return new(
                "which target each case has seen",
                size.Cases * size.Cases,
                (nameof(TrainingOptions.BatchSize), size.BatchSize)
            );
        }
        if (needs.Negatives > 0)
        {
            double candidates = Math.Min(needs.Negatives, size.Items);
            yield return new(
                "drawn items and their logits",
                (sizeof(long) * (double)needs.Negatives)
                    + (sizeof(float) * candidates * (LossRows + (2.0 * size.Dimension))),
                ("Loss.Negatives", needs.Negatives)
            );
        }
    }

    /// <summary>What is known of the data; for what is not known yet, the least that it can be.</summary>
    /// <param name="Items">Items of the catalogue.</param>
    /// <param name="Width">Numbers of a feature layer.</param>
    /// <param name="Cases">Training cases of an epoch.</param>
    internal readonly record struct Data(double Items, double Width, double Cases)
    {
        public static readonly Data Unknown = new(1, 1, 1);
    }
}
