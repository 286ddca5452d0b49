using Ssna.MLNet.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ssna.MLNet.Encoders;

/// <summary>What an encoder's lowest layer reads: the sum of each token's word, place and type, normalised.</summary>
/// <param name="configuration">Family and sizes.</param>
/// <param name="next">The encoder's parameters, one at a call, in the order of <see cref="EncoderFamily.Declare"/>.</param>
internal sealed partial class TokenEmbedding(EncoderConfiguration configuration, Func<Parameter> next)
    : EncoderEmbedding
{
    private readonly Parameter _words = next(); // (vocabulary, D)
    private readonly Parameter _positions = next(); // (positions, D)
    private readonly Parameter? _types = configuration.TokenTypes > 0 ? next() : null; // (types, D)
    private readonly Parameter _normWeight = next(); // (D)
    private readonly Parameter _normBias = next(); // (D)

    public override Tensor Forward(Tensor ids)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = ids.shape[0];
        long length = ids.shape[1];
        Tensor words = _words.index_select(0, ids.view(-1)).view(batch, length, configuration.Width); // (B, T, D)
        Tensor places =
            configuration.FirstPosition == 0
                ? _positions.narrow(0, 0, length) // (T, D)
                : _positions.index_select(0, CountedPositions(ids).view(-1)).view(batch, length, configuration.Width); // (B, T, D)
        Tensor sum = words.AddInPlace(_types is null ? places : places.Plus(_types.select(0, 0))); // (B, T, D)
        return layer_norm(sum, [configuration.Width], _normWeight, _normBias, configuration.NormEpsilon)
            .MoveToOuterDisposeScope(); // (B, T, D)
    }

    /// <summary>Positions that count the tokens other than padding, also where a text holds the padding token: RoBERTa's.</summary>
    private Tensor CountedPositions(Tensor ids)
    {
        Tensor real = ids.Differs(configuration.PadId).to(ScalarType.Int64); // (B, T)
        return real.cumsum(1).mul_(real).AddNumberInPlace(configuration.PadId); // (B, T)
    }
}
