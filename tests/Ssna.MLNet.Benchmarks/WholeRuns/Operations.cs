using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Model;
using Ssna.MLNet.SequenceModels;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// The floating-point operations that the mathematics needs, a multiplication with its addition counted as two: matrix
/// products alone, of items, positions and candidates that are there, without padding and without anything computed twice.
/// </summary>
internal static class Operations
{
    /// <summary>A training step. Features need no gradient, so adapters count twice and everything else three times.</summary>
    /// <param name="options">The trainer's settings.</param>
    /// <param name="width">Width of the features: D.</param>
    /// <param name="adapted">Distinct items that the step embeds: V.</param>
    /// <param name="candidates">What each target is told apart from: C.</param>
    /// <param name="batch">The positions and targets.</param>
    public static double TrainingStep(
        SsnaTrainer.Options options,
        double width,
        double adapted,
        double candidates,
        TrainingBatch batch
    )
    {
        double d = options.Dimension;
        var adaptation = (ItemAdaptation.Ssna)options.Adaptation;
        double heads = adaptation.AdapterHeads;
        double layers = adaptation.LayerCount;
        double adapters = layers * ((2 * adapted * width * heads * d) + (4 * adapted * width * heads));
        double mixing = 2 * layers * adapted * heads * d;
        double joining = adaptation.Integration == LayerIntegration.Gru ? ((2 * layers) - 1) * 6 * adapted * d * d : 0;
        return (2 * adapters) + (3 * (mixing + joining)) + SequenceStep(options, candidates, batch);
    }

    /// <summary>What a training step needs behind the items' embeddings: sequence model and scores.</summary>
    /// <inheritdoc cref="TrainingStep"/>
    public static double SequenceStep(SsnaTrainer.Options options, double candidates, TrainingBatch batch)
    {
        double d = options.Dimension;
        var model = (SequenceModel.SASRec)options.SequenceModel;
        double positions = batch.Packing.Lengths.Sum();
        double pairs = batch.Packing.Lengths.Sum(length => length * (length + 1) / 2.0);
        double blocks = model.Blocks * ((positions * ((8 * d * d) + (4 * d * model.InnerSize))) + (4 * d * pairs));
        double scores = 2.0 * batch.Cases.Targets.Length * candidates * d;
        return 3 * (blocks + scores);
    }

    /// <summary>
    /// A frozen encoder with small trained matrices beside its own (LoRA), forward and backward: its matrices once on the way
    /// there and once back, as they get no gradient, attention once and twice. Of the last layer, the CLS token alone needs
    /// more than keys and values. On the way back, query, key and value of the lowest layer are where it ends: the embeddings
    /// below them are frozen, and what is trained beside them needs the gradient of their outputs alone. The small matrices
    /// themselves are left out.
    /// </summary>
    /// <param name="configuration">The encoder.</param>
    /// <param name="lengths">The tokens of each text.</param>
    public static double FrozenEncoderStep(EncoderConfiguration configuration, IEnumerable<int> lengths)
    {
        double width = configuration.Width;
        double keyAndValue = 2 * width * width;
        double rest = (2 * width * width) + (2 * width * configuration.InnerWidth);
        int below = configuration.LayerCount - 1;
        return lengths.Sum(length =>
        {
            double matrices = (below * length * (keyAndValue + rest)) + (length * keyAndValue) + rest;
            double query = width * width * (below > 0 ? length : 1);
            double lowest = query + (length * keyAndValue);
            double attention = ((below * (double)length) + 1) * 4 * length * width;
            return (2 * ((2 * matrices) - lowest)) + (3 * attention);
        });
    }

    /// <summary>
    /// The best items of users: blocks over their items but the last one, which needs no more than the last item of each, and
    /// the scores of the whole catalogue.
    /// </summary>
    /// <param name="shape">The model.</param>
    /// <param name="histories">The length of each user's history.</param>
    /// <param name="items">The items of the catalogue.</param>
    public static double TopLists(SsnaModelShape shape, IEnumerable<int> histories, double items)
    {
        double d = shape.Dimension;
        var sequence = (SASRecEncoderShape)shape.Sequence;
        double token = (8 * d * d) + (4 * d * sequence.InnerSize);
        return histories.Sum(history =>
        {
            double length = Math.Min(history, sequence.MaximumSequenceLength);
            double full = (length * token) + (2 * d * length * (length + 1));
            double last = token + (4 * sequence.AttentionHeads * d * length);
            return ((sequence.Blocks - 1) * full) + last + (2 * items * d);
        });
    }

    /// <summary>An extraction: for each token and layer, the layer's matrices and its attention, all layers in full.</summary>
    /// <param name="configuration">The encoder.</param>
    /// <param name="lengths">The tokens of each text.</param>
    public static double Extraction(EncoderConfiguration configuration, IEnumerable<int> lengths)
    {
        double width = configuration.Width;
        double matrices = (4 * width * width) + (2 * width * configuration.InnerWidth);
        return configuration.LayerCount * lengths.Sum(length => length * ((2 * matrices) + (4.0 * length * width)));
    }
}
