namespace Ssna.MLNet.Encoders;

internal abstract partial class EncoderFamily
{
    /// <summary>Devlin et al. 2019, and what keeps its layout: MiniLM, E5, BGE, GTE.</summary>
    public static EncoderFamily Bert { get; } = new BertFamily();

    private sealed class BertFamily : EncoderFamily
    {
        public override string Name => "Bert";

        public override string ModelType => "bert";

        protected override void DeclareLayer(EncoderConfiguration configuration, EncoderLayout layout, int index) =>
            PostNormLayer.Declare(configuration, layout, index, PostNormNames.OfBert(index));
    }
}
