namespace Ssna.MLNet.Encoders;

/// <summary>The function between the two matrices of a feed-forward block.</summary>
internal enum EncoderActivation
{
    /// <summary>x Φ(x), Φ being the normal distribution's function.</summary>
    Gelu,

    /// <summary>The same, approximated through tanh.</summary>
    GeluTanh,

    /// <summary>max(0, x).</summary>
    Relu,
}
