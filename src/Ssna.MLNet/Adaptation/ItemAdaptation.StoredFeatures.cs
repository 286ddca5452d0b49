using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class ItemAdaptation
{
    /// <summary>What the methods have in common that read features which a frozen encoder has made once.</summary>
    public abstract class StoredFeatures : ItemAdaptation
    {
        private protected StoredFeatures() { }

        /// <summary>
        /// The column of <see cref="SsnaTrainer.Options.Items"/> (behind <see cref="SsnaTrainer.Options.ItemPipeline"/>, where there
        /// is one) with the item's features: a (layers, width) vector of float with the top layer first, or a plain vector, which
        /// counts as one layer. Default "Layers".
        /// </summary>
        public string FeaturesColumnName = "Layers";

        /// <summary>What is done to the features first. Default whitening: worth a tenth of the recall on real data.</summary>
        public FeatureScaling FeatureScaling = FeatureScaling.Whiten;

        /// <summary>Dropout on the features. Default 0.2, as in UniSRec.</summary>
        public float FeatureDropout = 0.2f;

        /// <summary>The layers that are read, from the top.</summary>
        private protected abstract int LayersRead { get; }

        internal override void Check()
        {
            OptionsChecks.NotEmpty(FeaturesColumnName, "Adaptation.FeaturesColumnName");
            OptionsChecks.Defined(FeatureScaling, "Adaptation.FeatureScaling");
            OptionsChecks.Share(FeatureDropout, "Adaptation.FeatureDropout");
        }

        internal override void UsePaper() => FeatureScaling = FeatureScaling.None;

        internal sealed override ItemInputs Inputs() => new FeatureInputs(FeaturesColumnName, LayersRead, Width: null);
    }
}

/// <summary>What is done to the features before the adapters; fitted on the catalogue, one layer at a time, and saved with the model.</summary>
public enum FeatureScaling
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Mean 0 and standard deviation 1 in every dimension.</summary>
    Standardize,

    /// <summary>ZCA whitening: mean 0, and dimensions that are uncorrelated over the catalogue.</summary>
    Whiten,
}
