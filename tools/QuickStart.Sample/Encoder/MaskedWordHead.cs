using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace QuickStart.Sample.Encoder;

/// <summary>
/// Guesses hidden tokens from what the encoder made of the text: BERT's head (dense, GELU, norm, the word embeddings once
/// more), only that it reads the CLS state beside the token's own. BERT itself trains CLS on another task; here this makes it
/// sum the text up, which is what a recommender reads.
/// </summary>
internal sealed class MaskedWordHead : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear _dense;
    private readonly LayerNorm _norm;
    private readonly Parameter _bias; // (V)

    public MaskedWordHead(int width, int vocabularySize)
        : base(nameof(MaskedWordHead))
    {
        _dense = Linear(2 * width, width);
        _norm = LayerNorm(width);
        _bias = Parameter(zeros(vocabularySize));
        RegisterComponents();
    }

    /// <param name="states">Of each hidden token its own last state and that of its text's CLS token, (M, 2 D).</param>
    /// <param name="words">The encoder's word embeddings, (V, D).</param>
    /// <returns>Logits, (M, V).</returns>
    public override Tensor forward(Tensor states, Tensor words)
    {
        using var scope = NewDisposeScope();
        var summary = _norm.forward(functional.gelu(_dense.forward(states))); // (M, D)
        return summary.matmul(words.t()).add(_bias).MoveToOuterDisposeScope(); // (M, V)
    }
}
