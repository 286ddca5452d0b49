using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.SequenceModels;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class SequenceModel
{
    /// <summary>
    /// SASRec: learned positions and causal transformer blocks. See Kang and McAuley, Self-Attentive Sequential Recommendation,
    /// 2018; computed as RecBole does.
    /// </summary>
    public sealed class SASRec : SequenceModel
    {
        /// <summary>Transformer blocks. Default 2.</summary>
        public int Blocks = 2;

        /// <summary>Attention heads of a block. Default 2.</summary>
        public int AttentionHeads = 2;

        /// <summary>Width inside a block's feed-forward part. Default 256.</summary>
        public int InnerSize = 256;

        /// <summary>
        /// Dropout of embeddings, attention and feed-forward parts. Default 0.3: best by measurement with the full-catalogue loss.
        /// </summary>
        public float Dropout = 0.3f;

        private const string Prefix = nameof(SequenceModel) + ".";

        internal override void Check(int dimension)
        {
            SASRecEncoderShape.Check(Shape, dimension, Prefix);
            OptionsChecks.Share(Dropout, Prefix + nameof(Dropout));
        }

        internal override SequenceEncoder Create(ParameterBuffer parameters, int dimension) =>
            new SASRecEncoder(parameters, Shape, dimension, Dropout);

        internal override IEnumerable<MemoryPart> Memory(TrainingSize size)
        {
            double d = size.Dimension;
            yield return new(
                "weights of the sequence model, with their gradients and the optimiser's copies,",
                size.WeightBytes * Blocks * ((4 * d * d) + (2 * d * InnerSize)),
                (Prefix + nameof(Blocks), Blocks),
                ("Dimension", size.Dimension),
                (Prefix + nameof(InnerSize), InnerSize)
            );
            yield return new(
                "embeddings of positions, with their gradients and the optimiser's copies,",
                size.WeightBytes * MaximumSequenceLength * d,
                (Prefix + nameof(MaximumSequenceLength), MaximumSequenceLength),
                ("Dimension", size.Dimension)
            );
            // A block keeps query, key, value, both norms' inputs and the feed-forward part's inside twice.
            yield return new(
                "what a batch keeps for its way back",
                sizeof(float) * size.Cases * Blocks * ((5 * d) + (2.0 * InnerSize)),
                ("BatchSize", size.BatchSize),
                (Prefix + nameof(Blocks), Blocks),
                (Prefix + nameof(InnerSize), InnerSize)
            );
        }

        private SASRecEncoderShape Shape => new(MaximumSequenceLength, Blocks, AttentionHeads, InnerSize);
    }
}
