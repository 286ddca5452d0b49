#pragma warning disable RS0030 // The one place that may: its scalars outlive the calls they are for.
using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Runtime;

/// <summary>What TorchSharp computes by way of a <see cref="Scalar"/>, safe from the garbage collector.</summary>
/// <remarks>
/// TorchSharp hands the native half of a scalar to libtorch and forgets the object, which has a finalizer: a collection in
/// that moment frees the number while it is read. Its operators and methods with plain numbers, and sums of two tensors
/// (which have a factor of 1), are so. Here a scalar is disposed of after the call, which keeps it until then.
/// </remarks>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1; // for ever

    // With scalars of ours; TorchSharp's public method makes its own, as does this one where another version lacks it.
    private static readonly Func<Tensor, Scalar, Scalar, Tensor>? SoftplusOfScalars = typeof(Tensor)
        .GetMethod("softplus1", BindingFlags.Instance | BindingFlags.NonPublic, [typeof(Scalar), typeof(Scalar)])
        ?.CreateDelegate<Func<Tensor, Scalar, Scalar, Tensor>>();

    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + factor y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y, Number factor)
    {
        using Scalar number = factor.ToScalar();
        return x.add(y, number);
    }

    public static Tensor PlusNumber(this Tensor x, Number y)
    {
        using Scalar number = y.ToScalar();
        return x.add(number, One);
    }

    /// <summary>x + a b, element by element, with the factor of the product.</summary>
    public static Tensor PlusProduct(this Tensor x, Tensor a, Tensor b, Number factor)
    {
        using Scalar number = factor.ToScalar();
        return x.addcmul(a, b, number);
    }

    public static Tensor Times(this Tensor x, Number y)
    {
        using Scalar number = y.ToScalar();
        return x.mul(number);
    }

    public static Tensor Over(this Tensor x, Number y)
    {
        using Scalar number = y.ToScalar();
        return x.div(number);
    }

    public static Tensor AtLeast(this Tensor x, Number least)
    {
        using Scalar number = least.ToScalar();
        return x.clamp_min(number);
    }

    /// <summary>x, and where it is beyond a bound the bound.</summary>
    public static Tensor Within(this Tensor x, Number least, Number most)
    {
        using Scalar from = least.ToScalar();
        using Scalar to = most.ToScalar();
        return x.clamp(from, to);
    }

    /// <summary>True where x is another number.</summary>
    public static Tensor Differs(this Tensor x, Number y)
    {
        using Scalar number = y.ToScalar();
        return x.ne(number);
    }

    /// <summary>x, with a number where the mask is true.</summary>
    public static Tensor Masked(this Tensor x, Tensor mask, Number value)
    {
        using Scalar number = value.ToScalar();
        return x.masked_fill(mask, number);
    }

    /// <summary>log(1 + exp(x)), and x itself above 20.</summary>
    public static Tensor Softplus(this Tensor x)
    {
        using Scalar beta = 1.0;
        using Scalar threshold = 20.0;
        return SoftplusOfScalars is { } softplus ? softplus(x, beta, threshold) : x.softplus(1, 20);
    }

    public static Tensor AddInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>Adds a factor times y.</summary>
    public static Tensor AddInPlace(this Tensor x, Tensor y, Number factor)
    {
        using Scalar number = factor.ToScalar();
        return x.add_(y, number);
    }

    public static Tensor AddNumberInPlace(this Tensor x, Number y)
    {
        using Scalar number = y.ToScalar();
        return x.add_(number, One);
    }

    /// <summary>Adds a factor times a b, element by element.</summary>
    public static Tensor AddProductInPlace(this Tensor x, Tensor a, Tensor b, Number factor)
    {
        using Scalar number = factor.ToScalar();
        return x.addcmul_(a, b, number);
    }

    /// <summary>Adds a factor times a / b, element by element.</summary>
    public static Tensor AddQuotientInPlace(this Tensor x, Tensor a, Tensor b, Number factor)
    {
        using Scalar number = factor.ToScalar();
        return x.addcdiv_(a, b, number);
    }

    public static Tensor SubtractInPlace(this Tensor x, Number y)
    {
        using Scalar number = y.ToScalar();
        return x.sub_(number);
    }

    public static Tensor MultiplyInPlace(this Tensor x, Number y)
    {
        using Scalar number = y.ToScalar();
        return x.mul_(number);
    }

    public static Tensor DivideInPlace(this Tensor x, Number y)
    {
        using Scalar number = y.ToScalar();
        return x.div_(number);
    }

    public static Tensor FillInPlace(this Tensor x, Number value)
    {
        using Scalar number = value.ToScalar();
        return x.fill_(number);
    }

    public static Tensor FillInPlace(this Tensor x, long dimension, Tensor index, Number value)
    {
        using Scalar number = value.ToScalar();
        return x.index_fill_(dimension, index, number);
    }

    /// <summary>Puts a number where the mask is true.</summary>
    public static Tensor MaskInPlace(this Tensor x, Tensor mask, Number value)
    {
        using Scalar number = value.ToScalar();
        return x.masked_fill_(mask, number);
    }

    /// <summary>A tensor of one number.</summary>
    public static Tensor Filled(ReadOnlySpan<long> shape, Number value, ScalarType type, Device? device = null)
    {
        using Scalar number = value.ToScalar();
        return full(shape, number, type, device);
    }

    /// <summary>A tensor of one number, of another's shape and on its device.</summary>
    public static Tensor FilledLike(Tensor other, Number value, ScalarType type)
    {
        using Scalar number = value.ToScalar();
        return full_like(other, number, type);
    }

    /// <summary>0, 1 ... count - 1, int64.</summary>
    public static Tensor Counting(long count, Device? device = null)
    {
        using Scalar start = 0L;
        using Scalar stop = count;
        return arange(start, stop, One, ScalarType.Int64, device);
    }
}
