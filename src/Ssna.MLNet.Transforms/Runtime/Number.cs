#pragma warning disable RS0030 // With TensorArithmetic the only place that makes scalars.
using TorchSharp;

namespace Ssna.MLNet.Runtime;

/// <summary>A plain number beside a tensor, of a kind that libtorch tells apart: floating, whole or a truth.</summary>
/// <remarks>A float or an int becomes the same native scalar by way of double or long: it has only these.</remarks>
internal readonly struct Number
{
    private readonly double _floating;
    private readonly long _whole;
    private readonly Kind _kind;

    private Number(Kind kind, double floating, long whole) => (_kind, _floating, _whole) = (kind, floating, whole);

    private enum Kind
    {
        Floating,
        Whole,
        Truth,
    }

    public static implicit operator Number(double value) => new(Kind.Floating, value, 0);

    public static implicit operator Number(long value) => new(Kind.Whole, 0, value);

    public static implicit operator Number(bool value) => new(Kind.Truth, 0, value ? 1 : 0);

    /// <summary>A native scalar, the caller's to dispose of after the call that it is for.</summary>
    public Scalar ToScalar() =>
        _kind switch
        {
            Kind.Floating => _floating.ToScalar(),
            Kind.Whole => _whole.ToScalar(),
            _ => (_whole != 0).ToScalar(),
        };
}
