using Microsoft.ML.Transforms;
using Ssna.MLNet.Adaptation;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>What the methods have in common that put an adapter beside each of the top layers of stored features.</summary>
    public abstract class Adapters : StoredFeatures
    {
        private protected Adapters() { }

        /// <summary>
        /// How many of the encoder's top layers get an adapter: the paper's a. Default
        /// <see cref="EncoderLayersEstimator.DefaultLayers"/>.
        /// </summary>
        public int LayerCount = EncoderLayersEstimator.DefaultLayers;

        /// <summary>Projection heads of an adapter: the paper's n_p. Default 8.</summary>
        public int AdapterHeads = 8;

        /// <summary>How the layers' adapters are joined into one item embedding. Default GRU.</summary>
        public LayerIntegration Integration = LayerIntegration.Gru;

        /// <summary>Added to the standard deviation of the routing noise. Default 0.01, as in UniSRec.</summary>
        public float RoutingNoiseFloor = 0.01f;

        private protected sealed override int LayersRead => LayerCount;

        internal sealed override void Check()
        {
            base.Check();
            OptionsChecks.AtLeast(1, LayerCount, "Adaptation.LayerCount");
            OptionsChecks.AtLeast(1, AdapterHeads, "Adaptation.AdapterHeads");
            SsnaEncoderShape.CheckIntegration(Integration, LayerCount, "Adaptation.Integration");
            OptionsChecks.NotNegative(RoutingNoiseFloor, "Adaptation.RoutingNoiseFloor");
        }

        internal sealed override void UsePaper()
        {
            base.UsePaper();
            RoutingNoiseFloor = 0;
        }

        private protected AdapterNoise Noise => new(FeatureDropout, RoutingNoiseFloor);

        private protected SsnaEncoderShape Shape(ItemEncoderPlan plan) =>
            new(LayerCount, (int)plan.Items.Rows.shape[2], FeatureScaling, AdapterHeads, Integration);

        internal override IEnumerable<MemoryPart> Memory(TrainingSize size)
        {
            double heads = (double)LayerCount * AdapterHeads * size.Dimension;
            yield return new(
                "adapters, with their gradients, the optimiser's copies and a batch's outputs of all heads,",
                (size.WeightBytes * heads * size.Width) + (sizeof(float) * heads * size.BatchItems),
                ("Adaptation.AdapterHeads", AdapterHeads),
                ("Adaptation.LayerCount", LayerCount),
                ("Dimension", size.Dimension)
            );
        }
    }
}

/// <summary>How the adapters' outputs, top layer first, become one item embedding.</summary>
public enum LayerIntegration
{
    /// <summary>A gated recurrent unit over the layers: the paper's SSNA.</summary>
    Gru,

    /// <summary>The mean of the layers.</summary>
    Mean,

    /// <summary>A mean weighted by a softmax over one learned weight a layer.</summary>
    Weighted,

    /// <summary>The output of the only layer as it is: with one layer, the paper's TMoE.</summary>
    None,
}
