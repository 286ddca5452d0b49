using System.Numerics;

namespace Ssna.MLNet.Ids;

/// <summary>Code that is generic in an integer type known only at run time.</summary>
internal interface IIntegerVisitor<TResult>
{
    TResult Visit<T>()
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>;
}

/// <summary>The integer types of ML.NET.</summary>
internal static class IntegerTypes
{
    /// <summary>Whether <paramref name="type"/> is one of them.</summary>
    public static bool Contains(Type type) =>
        type.IsPrimitive && System.Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64;

    /// <summary>Runs <paramref name="visitor"/> with the type argument <paramref name="type"/>.</summary>
    public static TResult Visit<TResult, TVisitor>(Type type, TVisitor visitor)
        where TVisitor : IIntegerVisitor<TResult> =>
        System.Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => visitor.Visit<sbyte>(),
            TypeCode.Byte => visitor.Visit<byte>(),
            TypeCode.Int16 => visitor.Visit<short>(),
            TypeCode.UInt16 => visitor.Visit<ushort>(),
            TypeCode.Int32 => visitor.Visit<int>(),
            TypeCode.UInt32 => visitor.Visit<uint>(),
            TypeCode.Int64 => visitor.Visit<long>(),
            TypeCode.UInt64 => visitor.Visit<ulong>(),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected an integer type of ML.NET."),
        };
}
