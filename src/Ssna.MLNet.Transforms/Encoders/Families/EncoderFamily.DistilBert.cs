namespace Ssna.MLNet.Encoders;

internal abstract partial class EncoderFamily
{
    /// <summary>Sanh et al. 2019: BERT without token types, under other names.</summary>
    public static EncoderFamily DistilBert { get; } = new DistilBertFamily();

    private sealed class DistilBertFamily : EncoderFamily
    {
        public override string Name => "DistilBert";

        public override string ModelType => "distilbert";

        public override ConfigurationFields Fields { get; } =
            new("dim", "n_layers", "n_heads", "hidden_dim", "activation", TokenTypes: null, NormEpsilon: null);

        protected override void DeclareLayer(EncoderConfiguration configuration, EncoderLayout layout, int index)
        {
            string start = $"transformer.layer.{index}";
            var names = new PostNormNames(
                $"{start}.attention.q_lin",
                $"{start}.attention.k_lin",
                $"{start}.attention.v_lin",
                $"{start}.attention.out_lin",
                $"{start}.sa_layer_norm",
                $"{start}.ffn.lin1",
                $"{start}.ffn.lin2",
                $"{start}.output_layer_norm"
            );
            PostNormLayer.Declare(configuration, layout, index, names);
        }
    }
}
