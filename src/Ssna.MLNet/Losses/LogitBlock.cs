using static TorchSharp.torch;

namespace Ssna.MLNet.Losses;

/// <summary>Some rows of logits over candidates, and what each row is to find among them.</summary>
/// <param name="Logits">
/// As a product made them, (b, C') with C' >= C, contiguous: columns from C on stand for no candidate. Turned into the gradient.
/// </param>
/// <param name="Candidates">C.</param>
/// <param name="Targets">The candidate that each row is to find: (b), int64.</param>
/// <param name="Bias">Added to each candidate's logits: (C); null for none.</param>
/// <param name="Masked">Which candidates are none of a row, its target never among them: (b, C), bool; null for none.</param>
/// <param name="Smoothing">The share of the target's probability that is spread over the row's candidates.</param>
internal sealed record LogitBlock(
    Tensor Logits,
    long Candidates,
    Tensor Targets,
    Tensor? Bias,
    Tensor? Masked,
    float Smoothing
);
