namespace Ssna.MLNet.Encoders;

internal abstract partial class EncoderFamily
{
    /// <summary>Liu et al. 2019: BERT, with positions that are counted from the padding id.</summary>
    public static EncoderFamily Roberta { get; } = new RobertaFamily();

    private sealed class RobertaFamily : EncoderFamily
    {
        public override string Name => "Roberta";

        public override string ModelType => "roberta";

        public override int DefaultPadId => 1;

        public override int FirstPosition(int padId) => padId + 1;

        protected override void DeclareLayer(EncoderConfiguration configuration, EncoderLayout layout, int index) =>
            PostNormLayer.Declare(configuration, layout, index, PostNormNames.OfBert(index));
    }
}
