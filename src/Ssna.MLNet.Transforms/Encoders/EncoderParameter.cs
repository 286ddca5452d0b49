namespace Ssna.MLNet.Encoders;

/// <summary>One parameter of an encoder and where a checkpoint keeps it.</summary>
/// <param name="Name">Our name.</param>
/// <param name="Shape">Sizes of its dimensions.</param>
/// <param name="Kind">What it is for, which says how it begins and in which precision it is kept.</param>
/// <param name="Sources">
/// The checkpoint's tensors, without the model's prefix, that make it up one after another along the first dimension,
/// in equal parts.
/// </param>
internal sealed record EncoderParameter(
    string Name,
    IReadOnlyList<long> Shape,
    EncoderParameterKind Kind,
    IReadOnlyList<string> Sources
)
{
    /// <summary>The shape of each of the <see cref="Sources"/>.</summary>
    public long[] SourceShape => [Shape[0] / Sources.Count, .. Shape.Skip(1)];
}

/// <summary>What a parameter is for.</summary>
internal enum EncoderParameterKind
{
    Embedding,
    NormWeight,
    NormBias,
    LinearWeight,
    LinearBias,
}
