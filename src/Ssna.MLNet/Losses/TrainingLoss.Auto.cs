using Ssna.MLNet.Losses;
using Ssna.MLNet.Runtime;
using TorchSharp;

namespace Microsoft.ML.Trainers.Recommender;

public abstract partial class TrainingLoss
{
    /// <summary>
    /// <see cref="FullCatalogue"/>, worth a fifth of the recall on real data, up to <see cref="FullCatalogueLimit"/> items, and
    /// <see cref="SampledCatalogue"/> above.
    /// </summary>
    public sealed class Auto : CrossEntropy
    {
        /// <summary>
        /// The largest catalogue that every batch is compared with in full. Default 20,000 items, whose embeddings cost as much
        /// as those of a batch of long sequences.
        /// </summary>
        public int FullCatalogueLimit = 20_000;

        /// <summary>As <see cref="SampledCatalogue.Negatives"/>, for a larger catalogue. Default 8,192.</summary>
        public int Negatives = SampledCatalogue.UsualNegatives;

        internal override BatchNeeds Needs => throw ForFirst();

        internal override TrainingLoss For(int itemCount) =>
            itemCount <= FullCatalogueLimit
                ? new FullCatalogue { Temperature = Temperature, LabelSmoothing = LabelSmoothing }
                : new SampledCatalogue
                {
                    Temperature = Temperature,
                    LabelSmoothing = LabelSmoothing,
                    Negatives = Negatives,
                };

        internal override BatchLoss Start(TargetCounts targets, torch.Device device) => throw ForFirst();

        internal override void Check()
        {
            base.Check();
            OptionsChecks.AtLeast(1, FullCatalogueLimit, "Loss.FullCatalogueLimit");
            CheckNegatives(Negatives);
        }

        private static InvalidOperationException ForFirst() =>
            new($"{nameof(Auto)} is asked what it means {nameof(For)} a catalogue first.");
    }
}
