using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Losses;
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
    public static void Check(SsnaTrainer.Options o, Data data, double? available = null)
    {
        double there = available ?? SystemMemory.Bytes;
        Part[] parts = [.. Parts(o, data)];
        double needed = parts.Sum(part => part.Bytes);
        if (needed <= there)
        {
            return;
        }
        Part most = parts.MaxBy(part => part.Bytes);
        throw new ArgumentOutOfRangeException(
            most.Options[0].Name,
            most.Options[0].Value,
            $"Option {string.Join(", ", most.Options.Select(option => FormattableString.Invariant($"{option.Name} = {option.Value}")))}: "
                + $"expected what fits into memory, found {most.What} of {SystemMemory.Describe(most.Bytes)}; training would take "
                + $"{SystemMemory.Describe(needed)} at least, and there are {SystemMemory.Describe(there)}."
        );
    }

    // In double: products of options overflow any integer.
    private static IEnumerable<Part> Parts(SsnaTrainer.Options o, Data data)
    {
        double d = o.Dimension;
        // Values, gradients, Adam's two moments, the best state so far, and the average.
        double bytes = sizeof(float) * (o.WeightAverageDecay > 0 ? 6.0 : 5.0);
        yield return new(
            "weights of the sequence model, with their gradients and the optimiser's copies,",
            bytes * o.SequenceBlocks * ((4 * d * d) + (2 * d * o.InnerSize)),
            [
                (nameof(o.SequenceBlocks), o.SequenceBlocks),
                (nameof(o.Dimension), o.Dimension),
                (nameof(o.InnerSize), o.InnerSize),
            ]
        );
        yield return new(
            "embeddings of positions, with their gradients and the optimiser's copies,",
            bytes * o.MaximumSequenceLength * d,
            [(nameof(o.MaximumSequenceLength), o.MaximumSequenceLength), (nameof(o.Dimension), o.Dimension)]
        );
        BatchNeeds needs = o.Loss.For((int)Math.Min(data.Items, int.MaxValue)).Needs;
        double shown = 2 * Math.Min(o.BatchSize, data.Cases);
        double batchItems = needs.WholeCatalogue ? data.Items : Math.Min(data.Items, shown + needs.Negatives);
        if (o.Adaptation.Reads.Contains(nameof(o.AdapterHeads)))
        {
            double layers = o.Adaptation.Reads.Contains(nameof(o.LayerCount)) ? o.LayerCount : 1;
            double heads = layers * o.AdapterHeads * d;
            yield return new(
                "adapters, with their gradients, the optimiser's copies and a batch's outputs of all heads,",
                (bytes * heads * data.Width) + (sizeof(float) * heads * batchItems),
                [
                    (nameof(o.AdapterHeads), o.AdapterHeads),
                    (nameof(o.LayerCount), o.LayerCount),
                    (nameof(o.Dimension), o.Dimension),
                ]
            );
        }
        if (o.Adaptation is ItemAdaptation.ItemIds)
        {
            yield return new(
                "embeddings of items, with their gradients and the optimiser's copies,",
                bytes * data.Items * d,
                [(nameof(o.Dimension), o.Dimension)]
            );
        }
        // A block keeps query, key, value, both norms' inputs and the feed-forward part's inside twice.
        double cases = Math.Min(o.BatchSize, data.Cases);
        double masked = needs.FindSeen ? cases * cases : 0;
        yield return new(
            "what a batch keeps for its way back",
            (sizeof(float) * cases * o.SequenceBlocks * ((5 * d) + (2.0 * o.InnerSize))) + masked,
            [
                (nameof(o.BatchSize), o.BatchSize),
                (nameof(o.SequenceBlocks), o.SequenceBlocks),
                (nameof(o.InnerSize), o.InnerSize),
            ]
        );
        if (needs.Negatives > 0)
        {
            double candidates = Math.Min(needs.Negatives, data.Items);
            yield return new(
                "drawn items and their logits",
                (sizeof(long) * (double)needs.Negatives) + (sizeof(float) * candidates * (LossRows + (2 * d))),
                [("Loss.Negatives", needs.Negatives)]
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

    private readonly record struct Part(string What, double Bytes, (string Name, int Value)[] Options);
}
